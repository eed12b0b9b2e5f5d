"""Nearly in: whom a single number keeps out of a segment, and which number that is."""

from data_contracts.wording.numbers import count
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.segments import segment_names

PAGE = "segments"
LABEL = "Nearly in"
TITLE = "Nearly in"

# Who nearly enters each segment, and the part of its condition that most of them miss.
NEAR = """
    with parts as (
        select segment_id, conjunct, count(*) as conjunct_count
        from segments.near_misses group by segment_id, conjunct)
    select segment_id, cast(sum(conjunct_count) as bigint) as near_count,
        arg_max(conjunct, (conjunct_count, conjunct)) as conjunct,
        max(conjunct_count) as conjunct_count
    from parts group by segment_id order by near_count desc, segment_id
"""

COMPARED = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than"}


def section(page: Page) -> Section:
    """One row per segment that somebody nearly meets, the most first."""
    near = page.read(NEAR)
    if near.empty:
        return {"empty": "Nobody is within a tenth of entering a segment."}
    names = segment_names(page)
    rows = [
        [
            names.get(row.segment_id, row.segment_id),
            count(row.near_count),
            _condition(row.conjunct, page),
            count(row.conjunct_count),
        ]
        for row in records(near)
    ]
    return {
        "lead": "Customers who meet every part of a segment's condition but one, and miss that one "
        "by a tenth or less. The table segments.near_misses names them; "
        "segmentry segments show SEGMENT --customer ID says why for anyone.",
        "tables": [
            {
                "label": "Table of near misses",
                "columns": ["Segment", "Nearly in", "What most of them lack", "How many"],
                "rows": rows,
            }
        ],
    }


def _condition(conjunct: str, page: Page) -> str:
    """`recency_days <= 181` for people; a part of another form stays as it is written."""
    parts = conjunct.split(" ")
    if len(parts) == 3 and parts[1] in COMPARED:
        return f"{page.feature(parts[0])}: {COMPARED[parts[1]]} {parts[2]}"
    return conjunct
