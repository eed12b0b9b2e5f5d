"""make bench: the demo's time and memory by stage, and the cost of features as ratios to a copy.

Everything is measured in this one run; the yardstick `copy` is DuckDB reading every landed file and
writing it once into a fresh database.
"""

import datetime
import resource
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.generate import write_orders
from benchmarks.measure import Measured, measure
from data_contracts.compiler.loading import load_contracts
from orchestration.home import DBT_PROJECT, Home
from orchestration.landing import land_source
from orchestration.run import prepare
from orchestration.warehouse import Warehouse

COMMAND = str(Path(sys.executable).with_name("segmentry"))
AS_OF = datetime.date(2017, 12, 30)
MEGABYTE = 1_000_000
SIZES = {"S": (120_000, 1_200_000, 5_000_000), "L": (1_000_000, 12_000_000, 50_000_000)}


def main() -> None:
    """Print the three tables; `--size L` makes the second part ten times as large."""
    size = "L" if "--size" in sys.argv and "L" in sys.argv else "S"
    console = Console(highlight=False, width=100)
    help_seconds = min(measure([COMMAND, "--help"]).seconds for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        command = [COMMAND, "run", "--source", "complete_journey", "--home", str(home)]
        demo = measure([*command, "--as-of", AS_OF.isoformat()])
        if demo.code:
            sys.exit(f"the demo failed:\n{demo.stderr}")
        again = measure([*command, "--as-of", AS_OF.isoformat()])
        print_demo(console, demo, again, help_seconds)
    with tempfile.TemporaryDirectory() as folder:
        print_ratios(console, size, *feature_costs(Path(folder), *SIZES[size]))


def print_demo(console: Console, demo: Measured, again: Measured, help_seconds: float) -> None:
    table = Table(title="The demo, whole processes", title_justify="left")
    table.add_column("stage")
    table.add_column("seconds", justify="right")
    table.add_column("peak MB", justify="right")
    for phase in demo.phases:
        table.add_row(phase.name, f"{phase.seconds:.1f}", f"{phase.peak / MEGABYTE:,.0f}")
    table.add_section()
    for name, run in (("first run", demo), ("the same again", again)):
        table.add_row(name, f"{run.seconds:.1f}", f"{run.peak / MEGABYTE:,.0f}")
    console.print(table)
    console.print(f"segmentry --help: {help_seconds:.2f} s")


def feature_costs(
    folder: Path, customers: int, orders: int, lines: int
) -> tuple[dict[str, float], dict[str, int], dict[str, float]]:
    """Seconds of copy, landing and features at 1 and 12 dates; the SQL part of them; rows."""
    from dbt.cli.main import dbtRunner

    landing = folder / "landing"
    write_orders(landing, customers, orders, lines)
    home = Home(folder / "home")
    prepare(home)
    warehouse, contracts = Warehouse(home), load_contracts()
    seconds: dict[str, float] = {"copy": _copy(landing, folder / "copy.duckdb")}
    warehouse.create(contracts)
    began = time.monotonic()
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with warehouse.connect() as connection:
        land_source(connection, "standard", landing, contracts, now)
    seconds["landing"] = time.monotonic() - began
    sql: dict[str, float] = {}
    for dates in (1, 12):
        _set_dates(warehouse, dates)
        began = time.monotonic()
        arguments = ["--quiet", "run", "--select", "staging", "identity", "core", "features"]
        arguments += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
        result = dbtRunner().invoke(arguments)
        if not result.success:
            sys.exit(f"dbt failed: {result.exception}")
        name = f"features at {dates} date{'s' if dates > 1 else ''}"
        seconds[name] = time.monotonic() - began
        sql[name] = _busy(
            (timing.started_at, timing.completed_at)
            for node in result.result.results
            for timing in node.timing
            if timing.name == "execute"
        )
    return seconds, {"customers": customers, "orders": orders, "lines": lines}, sql


def _busy(spans: Iterable[tuple[datetime.datetime, datetime.datetime]]) -> float:
    """Seconds in which at least one of the spans runs: models are built two at a time."""
    total, reached = 0.0, datetime.datetime.min
    for begin, end in sorted(spans):
        total += max(0.0, (end - max(begin, reached)).total_seconds())
        reached = max(reached, end)
    return total


def _copy(landing: Path, database: Path) -> float:
    began = time.monotonic()
    with duckdb.connect(str(database)) as connection:
        for entity in sorted(path for path in landing.iterdir() if path.is_dir()):
            connection.execute(
                f"create table {entity.name} as select * from read_parquet('{entity}/*.parquet')"
            )
    return time.monotonic() - began


def _set_dates(warehouse: Warehouse, count: int) -> None:
    with warehouse.connect() as connection:
        connection.execute("delete from ops.build_dates")
        connection.execute(
            "insert into ops.build_dates select date '2024-01-01' - interval (i * 28) day, "
            "case when i = 0 then 'newest' else 'training' end from range(?) as t(i)",
            [count],
        )


def print_ratios(
    console: Console,
    size: str,
    seconds: dict[str, float],
    rows: dict[str, int],
    sql: dict[str, float],
) -> None:
    counts = ", ".join(f"{count:,} {name}" for name, count in rows.items())
    table = Table(title=f"Size {size}: {counts}", title_justify="left")
    for name in ("operation", "seconds", "of copy", "SQL seconds", "SQL of copy", "dbt overhead"):
        table.add_column(name, justify="left" if name == "operation" else "right")
    for name, value in seconds.items():
        cells = [name, f"{value:.1f}", f"{value / seconds['copy']:.2f}"]
        if name in sql:
            part = sql[name]
            cells += [f"{part:.1f}", f"{part / seconds['copy']:.2f}", f"{value - part:.1f}"]
        table.add_row(*cells)
    console.print(table)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    console.print(f"peak memory of all of these in one process: {peak / MEGABYTE:,.0f} MB")


if __name__ == "__main__":
    main()
