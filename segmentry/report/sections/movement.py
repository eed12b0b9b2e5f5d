"""Movement: entries and exits by week, from where to where, and why."""

from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.names import humanise, spelled
from data_contracts.wording.numbers import count, listing, percent, plural, signed
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.segments import CHARTED, SEGMENTS, segment_names, with_members
from segmentry.report.sections.stages import in_order

PAGE = "segments"
LABEL = "Movement"
TITLE = "Movement between segments"

# The first date only fills the segments, so that it shows no movement.
SUMMARY = """
    select segment_id, as_of_date, customer_count, entry_count, exit_count
    from segments.segment_summary
    where as_of_date > (select min(as_of_date) from segments.segment_summary)
    order by as_of_date, segment_id
"""
STAGE_FLOW = """
    with recent as (
        select distinct as_of_date from segments.lifecycle_stages
        where as_of_date <= cast($as_of as date) order by as_of_date desc limit 5),
    oldest as (select min(as_of_date) as since from recent),
    before as (
        select customer_id, lifecycle_stage from segments.lifecycle_stages
        where as_of_date = (select since from oldest))
    select b.lifecycle_stage as stage_from, c.lifecycle_stage as stage_to,
        count(*) as customer_count, (select since from oldest) as since
    from segments.lifecycle_stages as c
    inner join before as b using (customer_id)
    where c.as_of_date = cast($as_of as date)
        and (select since from oldest) < cast($as_of as date)
    group by b.lifecycle_stage, c.lifecycle_stage order by 1, 2
"""
_AFTER_FIRST = "as_of_date > (select min(as_of_date) from segments.segment_transitions)"
REASONS = f"""
    select coalesce(reason, 'behaviour') as reason, count(*) as move_count
    from segments.segment_transitions where {_AFTER_FIRST} group by 1 order by 2 desc, 1
"""
# Who left one segment and entered another at the same date.
MOVES = f"""
    select l.segment_id as segment_from, e.segment_id as segment_to, count(*) as customer_count
    from segments.segment_transitions as l
    inner join segments.segment_transitions as e using (customer_id, as_of_date)
    where l.event = 'exit' and e.event = 'enter' and l.{_AFTER_FIRST}
        and coalesce(l.reason, '') not in ('model_change', 'definition_change')
    group by 1, 2 order by 3 desc, 1, 2 limit 12
"""

REASON_WORDS = {
    "behaviour": "what customers did",
    "score": "a changed score",
    "model_change": "a new model",
    "definition_change": "a new definition",
    "data_correction": "corrected data",
    "identity": "merged or parted records",
    "consent": "consent",
    "erasure": "erasure",
}


def section(page: Page) -> Section:
    """Entries and exits per segment and week, flows and reasons."""
    segments = with_members(page.read(SEGMENTS))
    if segments.empty:
        return {"empty": "No segment has members yet, so that nobody has moved."}
    summary = page.read(SUMMARY)
    if summary.empty:
        return {"empty": "There is one date so far. Movement shows from the second date on."}
    return {
        "lead": _reasons(page.read(REASONS)),
        "grid": _grid(segments.head(CHARTED)[["segment_id", "name"]], summary, page),
        "flow": _flow(page),
        "moves": _moves(page),
    }


def _reasons(reasons: pd.DataFrame) -> str:
    total = int(reasons["move_count"].sum())
    if total == 0:
        return "Nobody has entered or left a segment since the first date."
    parts = [
        f"{percent(row.move_count / total)} because of "
        f"{REASON_WORDS.get(row.reason, spelled(row.reason))}"
        for row in records(reasons)
    ]
    return (
        f"{plural(total, 'entry or exit', 'entries and exits')} since the first date: "
        f"{listing(parts)}."
    )


def _grid(names: pd.DataFrame, summary: pd.DataFrame, page: Page) -> Any:
    rows = names.merge(summary, on="segment_id")
    net = rows["entry_count"] - rows["exit_count"]
    before = (rows["customer_count"] - net).clip(lower=1)
    rows = rows.assign(
        change=net / before,
        as_of_date=pd.to_datetime(rows["as_of_date"]),
        text=[
            " ".join(signed(n) for n in (i, -o) if n) or "·"
            for i, o in zip(rows["entry_count"], rows["exit_count"], strict=True)
        ],
    )
    return page.draw.responsive(
        lambda width: charts.movement_grid(rows, width),
        "Customers who entered and left each segment, by week",
        "Customers who entered (+) and left (−) in the week before the date. Colour: net change "
        "of the segment's size.",
    )


def _flow(page: Page) -> Any:
    flow = page.read(STAGE_FLOW)
    if flow.empty:
        return None
    order = in_order(set(flow["stage_from"]) | set(flow["stage_to"]))
    total = flow.groupby("stage_from")["customer_count"].transform("sum")
    share = flow["customer_count"] / total
    rows = flow.assign(
        row=flow["stage_from"].map(humanise),
        column=flow["stage_to"].map(humanise),
        text=flow["customer_count"].map(count),
        depth=pd.cut(share, [-1, 0.01, 0.05, 0.15, 0.4, 0.8, 1.1], labels=False),
    )
    since = day_words(flow["since"].iloc[0])
    moved = flow.loc[flow["stage_from"] != flow["stage_to"], "customer_count"].sum()
    return page.draw.responsive(
        lambda width: charts.stage_matrix(rows, width, [humanise(s) for s in order]),
        f"Customers by lifecycle stage on {since} and now",
        f"Rows: stage on {since}. Columns: stage now. {plural(moved, 'customer')} "
        f"({percent(moved / flow['customer_count'].sum())}) changed stage. Colour: share of the "
        "row.",
    )


def _moves(page: Page) -> Any:
    moves = page.read(MOVES)
    if moves.empty:
        return None
    names = segment_names(page)
    rows = moves.assign(
        name=[
            f"{names.get(a, a)} → {names.get(b, b)}"
            for a, b in zip(moves["segment_from"], moves["segment_to"], strict=True)
        ],
        text=moves["customer_count"].map(count),
    )
    return page.draw.responsive(
        lambda width: charts.ranked_moves(rows, width),
        "The most frequent moves from one segment to another",
        "Customers who left the first segment and entered the second at the same date, other "
        "than by a new model or definition.",
    )
