"""What a finished run says in a few lines: the newest segments, and what is off."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from segmentry.report.states import models_line
from segmentry.warehouse.door import Reader

_SEGMENTS = """
    select n.segment_name, s.segment_id, s.customer_count, s.revenue_share,
        s.mean_churn_91d_score as churn_rate, s.entry_count, s.exit_count, s.as_of_date, n.status
    from segments.segment_summary as s
    inner join segments.segments as n using (segment_id)
    where s.as_of_date = (select max(as_of_date) from segments.segment_summary)
    order by s.customer_count desc, s.segment_id
"""


@dataclass(frozen=True)
class RunSummary:
    """as_of_date: of the segments, None before the first. segments: rows with segment_name,
    segment_id, customer_count, revenue_share, churn_rate, entry_count, exit_count, status.
    models: how many models are on and off, in a line.
    """

    as_of_date: date | None
    segments: list[dict[str, Any]]
    models: str


def run_summary(reader: Reader) -> RunSummary:
    """The newest segments, the largest first, and what has no model."""
    segments = reader.read(_SEGMENTS)
    rows = segments.astype(object).where(segments.notna(), None).to_dict("records")
    return RunSummary(
        as_of_date=segments["as_of_date"].iloc[0].date() if rows else None,
        segments=[{str(key): value for key, value in row.items()} for row in rows],
        models=models_line(reader),
    )
