"""What a run prints at its end: the segments, where things lie, or what went wrong."""

import json as json_library
import sys

from rich.console import Console
from rich.table import Table

from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import count, percent, plural
from orchestration.run import RunOutcome
from segmentry.home import Home
from segmentry.report.run_summary import RunSummary, run_summary
from segmentry.report.states import segments_line
from segmentry.warehouse.snapshot import Snapshot

_LISTED = 10


def print_outcome(home: Home, outcome: RunOutcome) -> None:
    """The table of segments and the paths."""
    summary = run_summary(Snapshot(home))
    console = Console(highlight=False)
    _print_segments(console, summary)
    for line in _what_is_off(summary):
        console.print(line, soft_wrap=True)
    console.print(f"report     {home.report}", soft_wrap=True)
    console.print(f"warehouse  {home.warehouse}", soft_wrap=True)
    console.print(f"serving    {home.served_database}", soft_wrap=True)
    console.print(f"{outcome.seconds:.0f} seconds")


def _print_segments(console: Console, summary: RunSummary) -> None:
    """The largest approved segments."""
    approved = [row for row in summary.segments if row["status"] == "approved"]
    filled = [row for row in approved if row["customer_count"]]
    as_of = f" at {day_words(summary.as_of_date)}" if summary.as_of_date else ""
    table = Table(title=f"Segments{as_of}", title_justify="left")
    table.add_column("segment")
    for title in ("customers", "spend, 91 days", "chance of no order, 91 days", "in", "out"):
        table.add_column(title, justify="right")
    for row in filled[:_LISTED]:
        counts = [count(row[f"{what}_count"]) for what in ("customer", "entry", "exit")]
        shares = [percent(row["revenue_share"]), percent(row["churn_rate"])]
        table.add_row(str(row["segment_name"]), counts[0], *shares, *counts[1:])
    console.print(table)
    if len(filled) > _LISTED:
        console.print(f"and {len(filled) - _LISTED} more: segmentry segments list")


def _what_is_off(summary: RunSummary) -> list[str]:
    """At most two lines: models, and segments without members or without a decision."""
    lines = [f"{summary.models}; segmentry models list says why"] if summary.models else []
    waiting = sum(row["status"] == "proposed" for row in summary.segments)
    parts = [segments_line(summary.segments)]
    if waiting:
        parts.append(
            f"{plural(waiting, 'discovered one waits', 'discovered ones wait')} for a decision"
        )
    said = [part for part in parts if part]
    return [*lines, f"{'; '.join(said)}: segmentry segments list"] if said else lines


def print_json(home: Home, outcome: RunOutcome) -> None:
    """The same for a script."""
    segments = []
    if outcome.success:
        segments = [
            {
                "segment_id": row["segment_id"],
                "customers": row["customer_count"],
                "revenue_share": row["revenue_share"],
                "churn_rate": row["churn_rate"],
                "status": row["status"],
            }
            for row in run_summary(Snapshot(home)).segments
        ]
    document = {
        "run_id": outcome.run_id,
        "success": outcome.success,
        "seconds": round(outcome.seconds, 1),
        "failure": outcome.failure,
        "report": str(home.report),
        "warehouse": str(home.warehouse),
        "serving": str(home.served_database),
        "segments": segments,
    }
    sys.stdout.write(json_library.dumps(document, indent=2, default=str) + "\n")


def print_failure(home: Home, outcome: RunOutcome) -> None:
    """What went wrong and what readers still have."""
    console = Console(stderr=True, highlight=False)
    console.print("[bold red]The run failed.[/bold red] Nothing new was published.")
    console.print(outcome.failure, markup=False, soft_wrap=True)
    if home.served_database.exists():
        console.print(
            f"Readers keep the last good tables in {home.served_database}", soft_wrap=True
        )
