"""Encoders: versions on a fixed grid of dates, each fitted on what was known before its date.

A version that exists is kept, also when late rows show up that it would have learned from: what
was computed with it stays as it is. How many such rows there are is reported.
"""

import datetime
from dataclasses import dataclass

import pandas as pd

from ml.signals.encoders import TooLittleDataError, align_vectors, digest_vectors, fit_vectors
from ml.signals.text import clean_text
from ml.signals.topics import TopicModel, fit_topics
from segmentry.artefacts import ArtefactError, load_topics, save_topics
from segmentry.signals.texts import TEXTS
from segmentry.warehouse.door import Warehouse

VECTOR_ENCODERS = ("products", "behaviour")
FIRST_DAYS, EVERY_DAYS, LEARNED_DAYS = 91, 182, 364
MAX_ROWS = {"products": 300_000, "behaviour": 300_000, "topics": 20_000}

# What each encoder learns from: when, in whose sequence, token, and the group of rare tokens.
EVENTS = {
    "products": """
        select
            orders.ordered_at as occurred_at,
            orders.source_system || ':' || orders.source_customer_id as sequence,
            lines.product_id as token,
            case when products.updated_at >= date '{effective_from}' then null
                else products.category end as token_group
        from staging.stg_all__order_lines as lines
        inner join staging.stg_all__orders as orders on orders.order_id = lines.order_id
        left join staging.stg_all__products as products on products.product_id = lines.product_id
        where lines.quantity > 0""",
    "behaviour": """
        select occurred_at, source_system || ':' || identifier_type || ':' || identifier
            as sequence, token, token_group
        from core.fct_behaviours""",
    "topics": f"""
        select occurred_at, raw_text as sequence from ({TEXTS}) as texts where raw_text <> ''""",
}
_DAYS = """
    select cast(occurred_at as date) as day, count(*) as row_count
    from ({events}) as events group by day order by day
"""
# Whole sequences, chosen by hash, so that about MAX_ROWS rows are read at most.
_SAMPLE = """
    select * from ({events}) as events
    where occurred_at < date '{effective_from}' and occurred_at >= date '{oldest}'
        and hash(sequence) % 1000000 < {millionths}
"""
_VERSIONS = """
    select encoder_version, effective_from, input_row_count, artefact_path, artefact_digest
    from core.encoder_versions where encoder = ? order by effective_from
"""


@dataclass(frozen=True)
class Due:
    """A version to fit: it may learn from the `input_row_count` rows of its last 364 days."""

    encoder: str
    effective_from: datetime.date
    input_row_count: int

    def sample(self, warehouse: Warehouse) -> pd.DataFrame:
        """What it learns from: occurred_at, sequence and, but for topics, token, token_group."""
        share = min(1.0, MAX_ROWS[self.encoder] / max(self.input_row_count, 1))
        millionths = round(share * 1_000_000)
        oldest = self.effective_from - datetime.timedelta(days=LEARNED_DAYS)
        dated = {"effective_from": self.effective_from, "oldest": oldest}
        events = EVENTS[self.encoder].format(**dated)
        return warehouse.read(_SAMPLE.format(events=events, millionths=millionths, **dated))

    def row(self, token_count: int, digest: str | None, reason: str) -> dict[str, object]:
        """Its row of core.encoder_versions; the version is named by its content."""
        return {
            "encoder_version": f"{self.encoder}-{self.effective_from:%Y%m%d}-"
            f"{digest[:8] if digest else 'none'}",
            "encoder": self.encoder,
            "effective_from": self.effective_from,
            "input_row_count": self.input_row_count,
            "token_count": token_count,
            "reason": reason,
            "artefact_path": None,
            "artefact_digest": digest,
        }


@dataclass(frozen=True)
class FittedVersion:
    """One new version: its row of core.encoder_versions, and what it learned.

    learned: rows of core.token_vectors, or of core.text_topics for topics; None where there was
    too little to learn from.
    """

    row: dict[str, object]
    learned: pd.DataFrame | None


@dataclass(frozen=True)
class EncoderTables:
    """Rows to add, by table, and how many late rows each version that is kept did not see."""

    versions: list[pd.DataFrame]
    vectors: list[pd.DataFrame]
    topics: list[pd.DataFrame]
    late_rows: dict[str, int]


def fit_encoders(warehouse: Warehouse, newest: datetime.date) -> EncoderTables:
    """Every version that is due by `newest` and not there yet; nothing is refitted."""
    grids = {name: _grid(warehouse, name, newest) for name in EVENTS}
    vectors = [
        version
        for name in VECTOR_ENCODERS
        for version in _fit_vectors(warehouse, name, grids[name].due)
    ]
    topics = _fit_topics(warehouse, grids["topics"].due)
    return EncoderTables(
        versions=[pd.DataFrame([version.row]) for version in (*vectors, *topics)],
        vectors=[version.learned for version in vectors if version.learned is not None],
        topics=[version.learned for version in topics if version.learned is not None],
        late_rows={version: rows for one in grids.values() for version, rows in one.late.items()},
    )


def grid(first: datetime.date, newest: datetime.date) -> list[datetime.date]:
    """The dates from which versions are in force, up to `newest`."""
    days = range(FIRST_DAYS, (newest - first).days + 1, EVERY_DAYS)
    return [first + datetime.timedelta(days=day) for day in days]


@dataclass(frozen=True)
class Grid:
    """The versions of one encoder that are due, and the late rows of each that is kept."""

    due: list[Due]
    late: dict[str, int]


def _grid(warehouse: Warehouse, encoder: str, newest: datetime.date) -> Grid:
    """What is due by `newest`. The grid starts at the first event, or where it was started once."""
    events = EVENTS[encoder].format(effective_from=newest)
    days = warehouse.read(_DAYS.format(events=events))
    counts = pd.Series(days["row_count"].to_numpy(), index=pd.DatetimeIndex(days["day"]))
    stored = warehouse.read(_VERSIONS, [encoder])
    starts = [pd.Timestamp(value).date() for value in stored["effective_from"]]
    if counts.empty and not starts:
        return Grid([], {})
    late = {
        str(version): _learnable(counts, start) - int(rows)
        for version, start, rows in zip(
            stored["encoder_version"], starts, stored["input_row_count"], strict=True
        )
    }
    first = starts[0] - datetime.timedelta(days=FIRST_DAYS) if starts else counts.index[0].date()
    dates = [date for date in grid(first, newest) if date not in starts]
    return Grid(
        due=[Due(encoder, date, _learnable(counts, date)) for date in dates],
        late={version: rows for version, rows in late.items() if rows},
    )


def _learnable(counts: pd.Series, effective_from: datetime.date) -> int:
    end = pd.Timestamp(effective_from)
    start = end - pd.Timedelta(days=LEARNED_DAYS)
    return int(counts[(counts.index < end) & (counts.index >= start)].sum())


def _fit_vectors(warehouse: Warehouse, encoder: str, dates: list[Due]) -> list[FittedVersion]:
    """Each version turned so that it lies as the one before it."""
    earlier = stored_vectors(warehouse, encoder)
    fitted = []
    for due in dates:
        try:
            vectors = fit_vectors(due.sample(warehouse))
        except TooLittleDataError as error:
            row = due.row(0, None, f"too little to learn from: {error}")
            fitted.append(FittedVersion(row, None))
            continue
        if earlier is not None:
            vectors = align_vectors(vectors, earlier)
        row = due.row(len(vectors), digest_vectors(vectors), "fitted")
        named = vectors.assign(encoder=encoder, encoder_version=str(row["encoder_version"]))
        fitted.append(FittedVersion(row, named.assign(effective_from=due.effective_from)))
        earlier = vectors
    return fitted


def stored_vectors(warehouse: Warehouse, encoder: str) -> pd.DataFrame | None:
    """The vectors of the newest version, None before the first.

    Raises ArtefactError when any version's vectors are not those that were stored.
    """
    vectors = None
    for version in warehouse.read(_VERSIONS, [encoder]).itertuples():
        if not isinstance(version.artefact_digest, str):
            continue
        sql = "select * from core.token_vectors where encoder_version = ?"
        vectors = warehouse.read(sql, [version.encoder_version])
        if digest_vectors(vectors) != version.artefact_digest:
            raise ArtefactError(
                f"core.token_vectors of {version.encoder_version} are not those that were stored; "
                "restore them, or delete the version there and in core.encoder_versions"
            )
    return vectors


def _fit_topics(warehouse: Warehouse, dates: list[Due]) -> list[FittedVersion]:
    """Topics keep the numbers of those before that they are most like; models lie below home."""
    earlier: TopicModel | None = None
    for version in warehouse.read(_VERSIONS, ["topics"]).itertuples():
        if isinstance(version.artefact_digest, str):
            path = warehouse.home.root / str(version.artefact_path)
            earlier = load_topics(path, version.artefact_digest)
    fitted = []
    for due in dates:
        texts = [clean_text(text) for text in due.sample(warehouse)["sequence"]]
        try:
            model = fit_topics(texts, earlier)
        except TooLittleDataError as error:
            row = due.row(0, None, f"too little to learn from: {error}")
            fitted.append(FittedVersion(row, None))
            continue
        folder = warehouse.home.models / f"topics-{due.effective_from:%Y%m%d}"
        row = due.row(len(model.words), save_topics(model, folder).digest, "fitted")
        row["artefact_path"] = str(folder.relative_to(warehouse.home.root))
        named = model.describe().assign(encoder_version=str(row["encoder_version"]))
        fitted.append(FittedVersion(row, named.assign(effective_from=due.effective_from)))
        earlier = model
    return fitted
