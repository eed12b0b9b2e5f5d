"""Movement: entries and exits by week, from where to where, and why."""

from typing import Any

import pandas as pd

from segmentry.report import words
from segmentry.report.charts import figures as charts
from segmentry.report.read import Frames, records
from segmentry.report.sections.segments import CHARTED_SEGMENTS, STAGE_ORDER, Section
from segmentry.report.theme import Renderer
from segmentry.report.words import count, percent, signed

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


def movement(frames: Frames, draw: Renderer) -> Section:
    """Entries and exits per segment and week, flows and reasons."""
    if frames.segments.empty:
        return {"empty": "No segment has members yet, so nobody has moved."}
    if frames.summary.empty:
        return {
            "empty": "Segments are known at one date only. Movement shows from the second date on."
        }
    lead = _reasons(frames.reasons)
    return {
        "lead": lead,
        "grid": _grid(frames, draw),
        "flow": _flow(frames, draw),
        "moves": _moves(frames, draw),
    }


def _reasons(reasons: pd.DataFrame) -> str:
    total = int(reasons["move_count"].sum())
    if total == 0:
        return "Nobody has entered or left a segment since the first date."
    parts = [
        f"{percent(row.move_count / total)} because of "
        f"{REASON_WORDS.get(row.reason, words.humanise(row.reason).lower())}"
        for row in records(reasons)
    ]
    return (
        f"{words.plural(total, 'entry or exit', 'entries and exits')} since the first date: "
        f"{words.listing(parts)}."
    )


def _grid(frames: Frames, draw: Renderer) -> Any:
    names = frames.segments.head(CHARTED_SEGMENTS)[["segment_id", "name"]]
    rows = names.merge(frames.summary, on="segment_id")
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
    return draw.responsive(
        lambda width: charts.movement_grid(rows, width),
        "Customers who entered and left each segment, by week",
        "Who entered (+) and who left (−) in the week to the date. Colour: net change of the "
        "segment's size.",
    )


def _flow(frames: Frames, draw: Renderer) -> Any:
    flow = frames.stage_flow
    if flow.empty:
        return None
    present = set(flow["stage_from"]) | set(flow["stage_to"])
    order = [stage for stage in STAGE_ORDER if stage in present]
    order += sorted(present - set(order))
    total = flow.groupby("stage_from")["customer_count"].transform("sum")
    share = flow["customer_count"] / total
    rows = flow.assign(
        row=flow["stage_from"].map(words.humanise),
        column=flow["stage_to"].map(words.humanise),
        text=flow["customer_count"].map(count),
        depth=pd.cut(share, [-1, 0.01, 0.05, 0.15, 0.4, 0.8, 1.1], labels=False),
    )
    since = words.day(pd.Timestamp(flow["since"].iloc[0]))
    moved = flow.loc[flow["stage_from"] != flow["stage_to"], "customer_count"].sum()
    return draw.responsive(
        lambda width: charts.stage_matrix(rows, width, [words.humanise(s) for s in order]),
        f"Customers by lifecycle stage on {since} and now",
        f"Rows: stage on {since}. Columns: stage now. {words.plural(moved, 'customer')} "
        f"({percent(moved / flow['customer_count'].sum())}) changed stage. Colour: share of the "
        "row.",
    )


def _moves(frames: Frames, draw: Renderer) -> Any:
    if frames.moves.empty:
        return None
    name = frames.segment_names()
    rows = frames.moves.assign(
        name=[
            f"{name.get(a, a)} → {name.get(b, b)}"
            for a, b in zip(frames.moves["segment_from"], frames.moves["segment_to"], strict=True)
        ],
        text=frames.moves["customer_count"].map(count),
    )
    return draw.responsive(
        lambda width: charts.ranked_moves(rows, width),
        "The most frequent moves from one segment to another",
        "Customers who left the first segment and entered the second at the same date, other "
        "than by a new model or definition.",
    )
