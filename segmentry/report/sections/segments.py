"""Frames to what the page's sections show: what was loaded, quality, segments, movement."""

from typing import Any

import pandas as pd

from data_contracts.definitions.contract import STAGES
from segmentry.report import words
from segmentry.report.charts import figures as charts
from segmentry.report.read import Frames, records
from segmentry.report.theme import KIND_COLOURS, Renderer
from segmentry.report.words import Words, count, percent, signed

LISTED_CHECKS = 20
CHARTED_SEGMENTS = 40
STAGE_ORDER = ["new", "active", "loyal", "cooling", "at_risk", "lapsed", "prospect", "visitor"]
STAGE_WORDS = {
    "new": "first order in the last 91 days",
    "active": "buys as usual",
    "loyal": "with us for half a year, among the most frequent",
    "cooling": "spend of the last 91 days below half of the 91 before",
    "at_risk": "away for longer than the own rhythm explains",
    "lapsed": "away for a year, or three times as long as patience goes",
    "prospect": "known by name or address, has never ordered",
    "visitor": "seen only anonymously, has never ordered",
}
KIND_WORDS = {"rule": "rule", "predictive": "prediction", "cluster": "cluster"}
Section = dict[str, Any]


def loaded(frames: Frames, draw: Renderer) -> Section:
    """Files and rows by table, spend by week."""
    files = frames.files
    if files.empty:
        return {"empty": "No file is recorded as loaded."}
    quarantined = int(files["quarantined_count"].fillna(0).sum())
    kept = [name for name in ("duplicate_count", "changed_count") if files[name].fillna(0).any()]
    titles = {"duplicate_count": "Repeated", "changed_count": "Changed"}
    numbers = ["file_count", "row_count", *kept, "quarantined_count"]
    rows = [
        [words.humanise(row.table_name), row.source, *[count(getattr(row, n)) for n in numbers]]
        for row in records(files)
    ]
    lead = (
        f"{words.plural(files['file_count'].sum(), 'file')} with "
        f"{words.plural(files['row_count'].sum(), 'row')}. "
    )
    lead += (
        "No row was refused."
        if quarantined == 0
        else f"{words.plural(quarantined, 'row')} broke a rule and went to quarantine with the "
        "reason; the rest went on."
    )
    columns = ["Table", "Source", "Files", "Rows", *[titles[n] for n in kept], "In quarantine"]
    return {"lead": lead, "rows": rows, "columns": columns, "figure": _weeks(frames, draw)}


def _weeks(frames: Frames, draw: Renderer) -> Any:
    """Spend by whole calendar week: a cut-off week would look like a fall."""
    weeks = frames.weeks
    if frames.as_of is None or weeks.empty:
        return None
    first, end = pd.Timestamp(frames.orders["first_date"]), pd.Timestamp(frames.as_of)
    start = pd.to_datetime(weeks["week"])
    whole = weeks[(start >= first) & (start + pd.Timedelta(days=7) <= end)]
    if len(whole) < 4:
        return None
    return draw.responsive(
        lambda width: charts.weekly_spend(whole[["week", "spend"]], width, frames.currency),
        f"Spend in each of {len(whole)} whole weeks",
        f"Spend in each whole week from {words.day(pd.Timestamp(whole['week'].iloc[0]))}.",
    )


def quality(frames: Frames, draw: Renderer) -> Section:
    """Checks of the newest run by stage, and those that failed."""
    checks = frames.checks.assign(passed=frames.checks["passed"].fillna(False).astype(bool))
    if checks.empty:
        return {"empty": "No check has been recorded."}
    failed = checks[~checks["passed"]]
    lead = f"{count(checks['passed'].sum())} of {count(len(checks))} checks passed. "
    lead += (
        "None failed."
        if failed.empty
        else (
            f"{count((failed['severity'] == 'error').sum())} failed and "
            f"{count((failed['severity'] != 'error').sum())} gave a warning."
        )
    )
    rows = [
        [
            row.stage,
            row.table_name,
            words.humanise(row.check_name),
            row.column_name or "",
            "error" if row.severity == "error" else "warning",
            count(row.failed_count),
            row.observed_value or "",
        ]
        for row in records(failed.head(LISTED_CHECKS))
    ]
    more = len(failed) - len(rows)
    return {
        "lead": lead,
        "rows": rows,
        "more": f"and {count(more)} more" if more > 0 else "",
        "columns": ["Stage", "Table", "Check", "Column", "Severity", "Rows", "Observed"],
        "figure": _checks_figure(checks, draw, lead),
    }


def _checks_figure(checks: pd.DataFrame, draw: Renderer, label: str) -> Any:
    outcome = (
        checks["severity"]
        .eq("error")
        .map({True: "failed", False: "warning"})
        .where(~checks["passed"], "passed")
    )
    grouped = (
        checks.assign(outcome=outcome)
        .groupby(["stage", "outcome"], as_index=False)
        .size()
        .rename(columns={"size": "check_count"})
    )
    colours = {"passed": "var(--c1)", "warning": "var(--c2)", "failed": "var(--bad)"}
    place = {stage: n for n, stage in enumerate(STAGES)}
    rows = grouped.assign(
        name=grouped["stage"].map(words.humanise),
        colour=grouped["outcome"].map(colours),
        order=grouped["outcome"].map({name: n for n, name in enumerate(colours)}),
        place=grouped["stage"].map(place).fillna(len(STAGES)),
    ).sort_values(["place", "order"])
    return draw.responsive(
        lambda width: charts.stacked_checks(rows, width),
        f"Checks by stage. {label}",
        "Checks by stage, in the order of the line.",
    )


def segments(frames: Frames, say: Words, draw: Renderer) -> Section:
    """Segments by size and revenue, and a table in plain words."""
    if frames.segments.empty:
        return {"empty": "No segment has members yet."}
    total = max(int(frames.stages["customer_count"].sum()), 1)
    rows = [_segment_row(row, say, total) for row in records(frames.segments)]
    bars = pd.DataFrame(
        [
            {
                "name": row.name,
                "colour": KIND_COLOURS.get(row.kind, "var(--c1)"),
                "left": row.customer_count,
                "left_text": count(row.customer_count),
                "right": 0 if words.missing(row.revenue_share) else row.revenue_share,
                "right_text": percent(row.revenue_share),
            }
            for row in records(frames.segments.head(CHARTED_SEGMENTS))
        ]
    )
    figure = draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Share of spend, 91 days")),
        "Customers and share of spend of each segment; the table below has the same figures",
        "A customer can be in several segments, so shares add up to more than the whole.",
    )
    kinds = [
        (KIND_WORDS[kind], KIND_COLOURS[kind])
        for kind in KIND_WORDS
        if kind in set(frames.segments["kind"])
    ]
    lead = (
        f"{words.plural(len(rows), 'segment')}. The largest share of spend is held by "
        f"{frames.segments.iloc[0]['name']}: "
        f"{percent(frames.segments.iloc[0]['revenue_share'])} of the last 91 days."
    )
    return {"lead": lead, "rows": rows, "figure": figure, "kinds": kinds}


def _segment_row(row: Any, say: Words, total: int) -> Section:
    moved = None if words.missing(row.previous_count) else row.customer_count - row.previous_count
    return {
        "name": row.name,
        "kind": KIND_WORDS.get(row.kind, row.kind),
        "colour": KIND_COLOURS.get(row.kind, "var(--c1)"),
        "description": row.description,
        "size": count(row.customer_count),
        "size_share": percent(row.customer_count / total),
        "spend_share": percent(row.revenue_share),
        "average_order": say.money(row.average_order_amount),
        "churn": percent(row.churn_rate),
        "change": "first week" if moved is None else signed(moved),
        "detail": ""
        if moved is None
        else f"{signed(row.entry_count)} in, {signed(-int(row.exit_count))} out"
        if int(row.entry_count) or int(row.exit_count)
        else "nobody moved",
    }


def stages(frames: Frames, draw: Renderer) -> Section:
    """Lifecycle stages: one per customer."""
    frame = frames.stages.set_index("lifecycle_stage")
    order = [stage for stage in STAGE_ORDER if stage in frame.index]
    order += [stage for stage in frame.index if stage not in STAGE_ORDER]
    if not order:
        return {"empty": "No customer has a lifecycle stage yet."}
    people, spend = frame["customer_count"].sum(), float(frame["spend"].sum())
    bars = pd.DataFrame(
        [
            {
                "name": words.humanise(stage),
                "colour": "var(--c1)",
                "left": row.customer_count,
                "left_text": " · ".join(
                    [count(row.customer_count), percent(row.customer_count / people)]
                ),
                "right": row.spend / spend if spend > 0 else 0,
                "right_text": percent(row.spend / spend) if spend > 0 else "–",
            }
            for stage, row in ((stage, frame.loc[stage]) for stage in order)
        ]
    )
    figure = draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Share of spend, 91 days")),
        "Customers and share of spend by lifecycle stage: "
        + words.listing(f"{row['name']} {row['left_text']}" for _, row in bars.iterrows()),
    )
    meanings = [
        (words.humanise(stage), STAGE_WORDS[stage]) for stage in order if stage in STAGE_WORDS
    ]
    return {
        "lead": "Every customer is in exactly one stage.",
        "figure": figure,
        "meanings": meanings,
    }
