"""What a run prints at its end: the segments, where things lie, or what went wrong."""

import json as json_library
import sys

from rich.console import Console
from rich.table import Table

from orchestration.run import RunOutcome
from segmentry.home import Home
from segmentry.warehouse.engines.duckdb import open_read_only

_SUMMARY = """
    select c.segment_name, s.segment_id, s.customer_count, s.revenue_share, s.churn_rate,
        s.entry_count, s.exit_count, s.as_of_date, c.status
    from segments.segment_summary as s
    inner join segments.segments as c on c.segment_id = s.segment_id
    where s.as_of_date = (select max(as_of_date) from segments.segment_summary)
    order by s.customer_count desc, s.segment_id
"""


def _summary(home: Home) -> list[tuple[object, ...]]:
    with open_read_only(home.served_database) as connection:
        return connection.execute(_SUMMARY).fetchall()


def _unscored(home: Home) -> list[tuple[object, ...]]:
    """Targets without a champion, and why."""
    with open_read_only(home.served_database) as connection:
        return connection.execute(
            """
            select target, arg_max(reason, trained_as_of) from models.model_versions
            group by target having not bool_or(is_promoted) order by target
            """
        ).fetchall()


def print_outcome(home: Home, outcome: RunOutcome) -> None:
    """The table of segments and the paths."""
    found = _summary(home)
    rows = [row for row in found if row[-1] == "approved"]
    console = Console(highlight=False)
    as_of = f" at {found[0][-2]}" if found else ""
    table = Table(title=f"Segments{as_of}", title_justify="left")
    table.add_column("segment")
    for title in ("customers", "share of spend", "churn rate", "in", "out"):
        table.add_column(title, justify="right")
    filled = [row for row in rows if row[2]]
    for name, _, size, share, churn, entries, exits, *_ in filled:
        table.add_row(
            str(name), f"{size:,}", _percent(share), _percent(churn), str(entries), str(exits)
        )
    console.print(table)
    empty = [str(row[0]) for row in rows if not row[2]]
    if empty:
        console.print(f"nobody is in: {', '.join(empty)}", soft_wrap=True)
    waiting = len(found) - len(rows)
    if waiting:
        told = f"{waiting} more were discovered and wait for a person: segmentry segments list"
        console.print(told, soft_wrap=True)
    for target, reason in _unscored(home):
        console.print(f"{target}: no model yet: {reason}", soft_wrap=True)
    console.print("share of spend: last 91 days; churn rate: expected to place no order in 91 days")
    console.print(f"report     {home.report}", soft_wrap=True)
    console.print(f"warehouse  {home.warehouse}", soft_wrap=True)
    console.print(f"serving    {home.served_database}", soft_wrap=True)
    console.print(f"{outcome.seconds:.0f} seconds")


def _percent(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, float) else "-"


def print_json(home: Home, outcome: RunOutcome) -> None:
    """The same for a script."""
    segments = []
    if outcome.success:
        names = ("segment_id", "customers", "revenue_share", "churn_rate", "status")
        segments = [dict(zip(names, (*row[1:5], row[-1]), strict=True)) for row in _summary(home)]
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
