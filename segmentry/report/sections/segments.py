"""Segments by size and revenue, and a table in plain words."""

from typing import Any

import pandas as pd

from data_contracts.wording.numbers import count, listing, missing, percent, plural, signed
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, records
from segmentry.report.theme import KIND_COLOURS

PAGE = "segments"
LABEL = "Segments"
TITLE = "Segments by size and revenue"

# Clusters of two lenses may bear one name: the lens stands beside it.
NAME = "n.segment_name || coalesce(', by ' || n.clustering, '')"
SEGMENTS = f"""
    select s.segment_id, coalesce({NAME}, s.segment_id) as name,
        coalesce(n.kind, 'rule') as kind, coalesce(n.segment_description, '') as description,
        coalesce(n.purpose, '') as purpose, coalesce(n.definition, '') as definition,
        coalesce(n.status, 'approved') as status, s.customer_count, s.entry_count, s.exit_count,
        s.revenue_share, s.average_order_amount,
        s.mean_churn_91d_score as churn_rate,
        p.customer_count as previous_count
    from segments.segment_summary as s
    left join segments.segments as n using (segment_id)
    left join segments.segment_summary as p on p.segment_id = s.segment_id
        and p.as_of_date = (
            select max(as_of_date) from segments.segment_summary
            where as_of_date < cast($as_of as date))
    where s.as_of_date = cast($as_of as date) and coalesce(n.status, 'approved') <> 'retired'
    order by s.revenue_share desc nulls last, s.customer_count desc, s.segment_id
"""
CUSTOMERS = """
    select count(*) as customer_count from segments.customer_360
    where as_of_date = cast($as_of as date)
"""

CHARTED = 20
KIND_WORDS = {"rule": "rule", "predictive": "prediction", "cluster": "cluster"}


def section(page: Page) -> Section:
    """The segments of the newest date, those that hold most of the spend first."""
    every = approved(page.read(SEGMENTS))
    frame = with_members(every)
    if frame.empty:
        return {"empty": "No segment has members yet."}
    empty = every[~every.index.isin(frame.index)]
    total = max(int(page.read(CUSTOMERS)["customer_count"].iloc[0]), 1)
    first = frame.iloc[0]
    return {
        "lead": f"{plural(len(frame), 'segment')}. The customers of {first['name']} hold the "
        f"largest share of the spend of the last 91 days: {percent(first['revenue_share'])}.",
        "without": f"{plural(len(empty), 'segment')} without members: needs data that this shop "
        "does not have, or nobody meets the condition today."
        if len(empty)
        else "",
        "without_names": listing(empty["name"]) if len(empty) else "",
        "rows": [_row(row, page, total) for row in records(frame)],
        "figure": _figure(frame, page),
        "kinds": [
            (KIND_WORDS[kind], KIND_COLOURS[kind])
            for kind in KIND_WORDS
            if kind in set(frame["kind"])
        ],
    }


def with_members(segments: pd.DataFrame) -> pd.DataFrame:
    """The approved segments that somebody is in; the others are counted and not listed."""
    kept = approved(segments)
    return kept[kept["customer_count"] > 0]


def approved(segments: pd.DataFrame) -> pd.DataFrame:
    """Those in use; what clustering found and nobody has approved stands among the clusters."""
    return segments[segments["status"] == "approved"]


def segment_names(page: Page) -> dict[str, str]:
    """Segment -> its name in the newest version."""
    rows = page.read(f"select segment_id, {NAME} as segment_name from segments.segments as n")
    return dict(zip(rows["segment_id"], rows["segment_name"], strict=True))


def _figure(frame: pd.DataFrame, page: Page) -> Any:
    bars = pd.DataFrame(
        [
            {
                "name": row.name,
                "colour": KIND_COLOURS.get(row.kind, "var(--c1)"),
                "left": row.customer_count,
                "left_text": count(row.customer_count),
                "right": 0 if missing(row.revenue_share) else row.revenue_share,
                "right_text": percent(row.revenue_share),
            }
            for row in records(frame.head(CHARTED))
        ]
    )
    return page.draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Share of spend, 91 days")),
        "Customers and share of spend of the segments with most spend; the table has all",
        "The segments with the largest share of spend. A customer can be in several segments, so "
        "that shares add up to more than the whole.",
    )


def _row(row: Any, page: Page, total: int) -> Section:
    moved = None if missing(row.previous_count) else row.customer_count - row.previous_count
    return {
        "name": row.name,
        "kind": KIND_WORDS.get(row.kind, row.kind),
        "colour": KIND_COLOURS.get(row.kind, "var(--c1)"),
        "description": row.description,
        "size": count(row.customer_count),
        "size_share": percent(row.customer_count / total),
        "spend_share": percent(row.revenue_share),
        "average_order": page.money(row.average_order_amount),
        "churn": percent(row.churn_rate),
        "change": "first week" if moved is None else signed(moved),
        "detail": ""
        if moved is None
        else f"{signed(row.entry_count)} in, {signed(-int(row.exit_count))} out"
        if int(row.entry_count) or int(row.exit_count)
        else "nobody moved",
    }
