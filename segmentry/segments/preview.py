"""What a segment file would do, before anything is committed."""

import datetime
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.compiler.catalogue import load_definitions
from data_contracts.compiler.loading import ROOT
from data_contracts.compiler.to_membership import frame_sql, membership_sql, scored_targets
from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.segment import Segment
from segmentry.home import ConfigurationError
from segmentry.project.vocabulary import condition_columns
from segmentry.segments.catalogue import segments_of
from segmentry.segments.versions import segments_in_force
from segmentry.warehouse.door import Warehouse

SHOWN_IDS = 5
SHOWN_OVERLAPS = 5


@dataclass(frozen=True)
class Preview:
    """Size and worth of a segment at the newest judged date, and who would move.

    revenue_share is of the last 91 days; overlaps: other segments with the customers they share,
    the largest first; warnings: what a person should know before committing it.
    """

    segment_id: str
    name: str
    as_of_date: datetime.date
    customer_count: int
    customer_share: float
    revenue_share: float | None
    average_order_amount: float | None
    churn_rate: float | None
    overlaps: list[tuple[str, int]]
    entering_count: int
    entering: list[str]
    leaving_count: int
    leaving: list[str]
    warnings: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"as_of_date": self.as_of_date.isoformat()}


def preview(warehouse: Warehouse, contracts: Contracts, path: Path) -> list[Preview]:
    """Judge the segments of one file at the newest judged date.

    Raises ContractError when the file cannot be honoured.
    """
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no such file")
    date = newest_date(warehouse)
    definitions = load_definitions(
        path, ROOT / "segments", condition_columns(), contracts.sensitive_columns()
    )
    segments = [s for d in definitions for s in segments_of(warehouse, d)]
    others = {s.segment_id: s for s in segments_in_force(warehouse, contracts, date)}
    with warehouse.connect() as connection:
        return [_preview(connection, segment, others, date) for segment in segments]


def newest_date(warehouse: Warehouse) -> datetime.date:
    """The newest judged date. Raises ConfigurationError in a home that no run has filled."""
    date = None
    if warehouse.home.warehouse.exists():
        date = warehouse.scalar("select max(as_of_date) from segments.segment_summary")
    if not isinstance(date, datetime.date):
        raise ConfigurationError(
            f"{warehouse.home.root} has no judged segments yet; segmentry run first"
        )
    return date


def _preview(
    connection: duckdb.DuckDBPyConnection,
    segment: Segment,
    others: dict[str, Segment],
    date: datetime.date,
) -> Preview:
    segments = _with_asked(segment, others)
    connection.execute(
        "create or replace temp table stays as select customer_id, segment_id, valid_from "
        "from segments.segment_membership_history where valid_to is null"
    )
    positions = {s.segment_id: number for number, s in enumerate(segments)}
    words = membership_sql(segments, frame_sql(segments, stays="stays"), positions)
    connection.execute(
        f"create or replace temp table previewed as select customer_id from ({words}) "
        "where word_0 & 1 = 1",
        {"as_of_date": date},
    )
    worth = connection.execute(_WORTH, {"as_of_date": date}).fetchone() or ()
    size, customers, revenue_share, average, churn = worth
    overlaps = connection.execute(_OVERLAPS, [segment.segment_id]).fetchall()
    entering = connection.execute(_ENTERING, [segment.segment_id]).fetchall()
    leaving = connection.execute(_LEAVING, [segment.segment_id]).fetchall()
    unscored = connection.execute(_UNSCORED, [scored_targets(segments), date]).fetchall()
    return Preview(
        segment_id=segment.segment_id,
        name=segment.name,
        as_of_date=date,
        customer_count=size,
        customer_share=size / max(customers, 1),
        revenue_share=revenue_share,
        average_order_amount=average,
        churn_rate=churn,
        overlaps=[(name, count) for name, count in overlaps[:SHOWN_OVERLAPS]],
        entering_count=len(entering),
        entering=[row[0] for row in entering[:SHOWN_IDS]],
        leaving_count=len(leaving),
        leaving=[row[0] for row in leaving[:SHOWN_IDS]],
        warnings=[
            *_warnings(segment, size, customers, date),
            *(f"nobody has a score of {target} at {date}" for (target,) in unscored),
        ],
    )


def _with_asked(segment: Segment, others: dict[str, Segment]) -> list[Segment]:
    """The segment and, after it, every segment that it rests on."""
    together = {segment.segment_id: segment}
    waiting = sorted(segment.segments)
    while waiting:
        segment_id = waiting.pop()
        if segment_id in others and segment_id not in together:
            together[segment_id] = others[segment_id]
            waiting += sorted(others[segment_id].segments)
    return list(together.values())


def _warnings(segment: Segment, size: int, customers: int, date: datetime.date) -> list[str]:
    warnings = []
    if size == 0:
        warnings.append("no one meets the condition")
    if size == customers and customers:
        warnings.append("everyone meets the condition")
    if segment.review_by < date:
        warnings.append(f"its review was due by {segment.review_by}")
    return warnings


_WORTH = """
    select count(m.customer_id), count(*),
        sum(f.spend_91d_amount) filter (m.customer_id is not null)
            / nullif(sum(f.spend_91d_amount), 0),
        sum(f.spend_91d_amount) filter (m.customer_id is not null)
            / nullif(sum(f.orders_91d_count) filter (m.customer_id is not null), 0),
        avg(s.score) filter (m.customer_id is not null)
    from features.customer_features as f
    left join previewed as m on m.customer_id = f.customer_id
    left join models.customer_scores as s
        on s.customer_id = f.customer_id and s.as_of_date = f.as_of_date and s.target = 'churn_91d'
    where f.as_of_date = $as_of_date
"""
_UNSCORED = """
    select target from unnest(?) as named (target)
    where target not in (
        select target from models.customer_scores where as_of_date = ? and score is not null
    )
"""
_OVERLAPS = """
    select stays.segment_id, count(*) as shared from stays
    inner join previewed on previewed.customer_id = stays.customer_id
    where stays.segment_id <> ? group by 1 order by shared desc, 1
"""
_ENTERING = """
    select customer_id from previewed where customer_id not in (
        select customer_id from stays where segment_id = ?
    ) order by customer_id
"""
_LEAVING = """
    select customer_id from stays where segment_id = ? and customer_id not in (
        select customer_id from previewed
    ) order by customer_id
"""
