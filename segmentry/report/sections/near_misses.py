"""Nearly in: whom a single number keeps out of a segment, and which number that is."""

from segmentry.report.read import Frames, records
from segmentry.report.sections.segments import Section
from segmentry.report.words import Words, count

AT_LEAST, AT_MOST = "at least", "at most"
COMPARED = {">=": AT_LEAST, ">": "more than", "<=": AT_MOST, "<": "less than"}


def near(frames: Frames, say: Words) -> Section:
    """One row per segment that somebody nearly meets, the most first."""
    if frames.near.empty:
        return {"empty": "Nobody is within a tenth of entering a segment."}
    names = frames.segment_names()
    rows = [
        [
            names.get(row.segment_id, row.segment_id),
            count(row.near_count),
            _in_words(row.conjunct, say),
            count(row.conjunct_count),
        ]
        for row in records(frames.near)
    ]
    return {
        "lead": "Customers who meet every part of a segment's condition but one, and miss that one "
        "by a tenth or less. segments.near_misses names them; "
        "segmentry segments show SEGMENT --customer ID says why for anyone.",
        "columns": ["Segment", "Nearly in", "What most of them lack", "How many"],
        "rows": rows,
    }


def _in_words(conjunct: str, say: Words) -> str:
    """`recency_days <= 181` for people; a part of another form stays as it is written."""
    parts = conjunct.split(" ")
    if len(parts) == 3 and parts[1] in COMPARED:
        return f"{say.feature(parts[0])}: {COMPARED[parts[1]]} {parts[2]}"
    return conjunct
