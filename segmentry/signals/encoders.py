"""Encoder glue: versions on a fixed grid of dates, each fitted on what was known before its date.

A version that exists is kept, also when late rows show up that it would have learned from: what
was computed with it stays as it is. How many such rows there are is reported.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

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
_KNOWN = """
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


@dataclass
class EncoderTables:
    """Rows to add, by table, and how many late rows each version that is kept did not see."""

    versions: list[pd.DataFrame] = field(default_factory=list)
    vectors: list[pd.DataFrame] = field(default_factory=list)
    topics: list[pd.DataFrame] = field(default_factory=list)
    late_rows: dict[str, int] = field(default_factory=dict)

    def add_version(self, row: dict[str, object]) -> None:
        self.versions.append(pd.DataFrame([row]))


def fit_encoders(warehouse: Warehouse, newest: datetime.date) -> EncoderTables:
    """Every version that is due by `newest` and not there yet; nothing is refitted."""
    tables = EncoderTables()
    for encoder in VECTOR_ENCODERS:
        _fit_vectors(warehouse, encoder, newest, tables)
    _fit_topics(warehouse, newest, tables)
    return tables


def grid(first: datetime.date, newest: datetime.date) -> list[datetime.date]:
    """The dates from which versions are in force, up to `newest`."""
    days = range(FIRST_DAYS, (newest - first).days + 1, EVERY_DAYS)
    return [first + datetime.timedelta(days=day) for day in days]


def _due(
    warehouse: Warehouse, encoder: str, newest: datetime.date, tables: EncoderTables
) -> Iterator[Due]:
    """The versions to fit. The grid starts at the first event, or where it was started once."""
    events = EVENTS[encoder].format(effective_from=newest)
    found = warehouse.read(_DAYS.format(events=events))
    counts = pd.Series(found["row_count"].to_numpy(), index=pd.DatetimeIndex(found["day"]))
    known = warehouse.read(_KNOWN, [encoder])
    starts = [pd.Timestamp(value).date() for value in known["effective_from"]]
    if counts.empty and not starts:
        return
    for version, start, rows in zip(
        known["encoder_version"], starts, known["input_row_count"], strict=True
    ):
        late = _learnable(counts, start) - int(rows)
        if late:
            tables.late_rows[str(version)] = late
    first = starts[0] - datetime.timedelta(days=FIRST_DAYS) if starts else counts.index[0].date()
    for date in grid(first, newest):
        if date not in starts:
            yield Due(encoder, date, _learnable(counts, date))


def _learnable(counts: pd.Series, effective_from: datetime.date) -> int:
    end = pd.Timestamp(effective_from)
    start = end - pd.Timedelta(days=LEARNED_DAYS)
    return int(counts[(counts.index < end) & (counts.index >= start)].sum())


def _fit_vectors(
    warehouse: Warehouse, encoder: str, newest: datetime.date, tables: EncoderTables
) -> None:
    earlier = stored_vectors(warehouse, encoder)
    for due in _due(warehouse, encoder, newest, tables):
        try:
            vectors = fit_vectors(due.sample(warehouse))
        except TooLittleDataError as error:
            tables.add_version(due.row(0, None, f"too little to learn from: {error}"))
            continue
        if earlier is not None:
            vectors = align_vectors(vectors, earlier)
        row = due.row(len(vectors), digest_vectors(vectors), "fitted")
        named = vectors.assign(encoder=encoder, encoder_version=str(row["encoder_version"]))
        tables.vectors.append(named.assign(effective_from=due.effective_from))
        tables.add_version(row)
        earlier = vectors


def stored_vectors(warehouse: Warehouse, encoder: str) -> pd.DataFrame | None:
    """The vectors of the newest version, None before the first.

    Raises ArtefactError when any version's vectors are not those that were stored.
    """
    vectors = None
    for known in warehouse.read(_KNOWN, [encoder]).itertuples():
        if not isinstance(known.artefact_digest, str):
            continue
        sql = "select * from core.token_vectors where encoder_version = ?"
        vectors = warehouse.read(sql, [known.encoder_version])
        if digest_vectors(vectors) != known.artefact_digest:
            raise ArtefactError(
                f"core.token_vectors of {known.encoder_version} are not those that were stored; "
                "restore them, or delete the version there and in core.encoder_versions"
            )
    return vectors


def _fit_topics(warehouse: Warehouse, newest: datetime.date, tables: EncoderTables) -> None:
    earlier: TopicModel | None = None
    for known in warehouse.read(_KNOWN, ["topics"]).itertuples():
        if isinstance(known.artefact_digest, str):
            path = warehouse.home.root / str(known.artefact_path)
            earlier = load_topics(path, known.artefact_digest)
    for due in _due(warehouse, "topics", newest, tables):
        texts = [clean_text(text) for text in due.sample(warehouse)["sequence"]]
        try:
            model = fit_topics(texts, earlier)
        except TooLittleDataError as error:
            tables.add_version(due.row(0, None, f"too little to learn from: {error}"))
            continue
        folder = warehouse.home.models / f"topics-{due.effective_from:%Y%m%d}"
        row = due.row(len(model.words), save_topics(model, folder).digest, "fitted")
        below = str(folder.relative_to(warehouse.home.root))
        tables.add_version(row | {"artefact_path": below})
        named = model.describe().assign(encoder_version=str(row["encoder_version"]))
        tables.topics.append(named.assign(effective_from=due.effective_from))
        earlier = model
