"""What the feature mart costs, as ratios to `copy`: one date, 12 dates, one more day, and memory.

`copy` is DuckDB reading every landed file and writing it once into a fresh database, in the same
run and on the same machine as what is compared with it.
"""

import datetime
import os
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table

from benchmarks.generate import LAST_DAY, write_orders
from benchmarks.measure import resident
from data_contracts.compiler.loading import load_contracts
from orchestration.home import DBT_PROJECT, Home
from orchestration.landing import land_source
from orchestration.run import prepare
from orchestration.warehouse import Warehouse

SIZES = {"S": (120_000, 1_200_000, 5_000_000), "L": (1_000_000, 12_000_000, 50_000_000)}
MEGABYTE = 1_000_000
ONE, TWELVE, NEXT = "features at 1 date", "features at 12 dates", "one more day"


@dataclass
class Cost:
    """Wall seconds and peak resident bytes of one operation; `sql` is dbt's time in SQL."""

    seconds: float = 0.0
    peak: int = 0
    sql: float | None = None


@dataclass
class Costs:
    """The costs of one size, by operation, and its rows."""

    rows: dict[str, int]
    of: dict[str, Cost] = field(default_factory=dict)

    @contextmanager
    def measured(self, name: str) -> Iterator[Cost]:
        """Time what runs inside, and watch this process's memory ten times a second."""
        cost, ended = self.of.setdefault(name, Cost()), threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                cost.peak = max(cost.peak, resident(os.getpid()))

        watcher = threading.Thread(target=watch)
        watcher.start()
        began = time.monotonic()
        try:
            yield cost
        finally:
            cost.seconds = time.monotonic() - began
            ended.set()
            watcher.join()


# Goals: (operation, what it is compared with, goal, stretch).
RATIO_GOALS = ((ONE, "copy", 2.5, 2.0), (TWELVE, "copy", 5.5, 4.5), (NEXT, ONE, 0.15, 0.10))
PEAK_GOALS = {ONE: 3000, TWELVE: 5000}  # megabytes, at size L


def feature_costs(folder: Path, size: str) -> Costs:
    """Land a year but for its last day, build 12 dates and one; land that day, build the next."""
    customers, orders, lines = SIZES[size]
    costs = Costs({"customers": customers, "orders": orders, "lines": lines})
    year, last_day = folder / "year", folder / "last_day"
    write_orders(year, last_day, customers, orders, lines)
    home = Home(folder / "home")
    prepare(home)
    warehouse = Warehouse(home)
    warehouse.create(load_contracts())
    with costs.measured("copy"):
        copy_files(year, folder / "copy.duckdb")
    with costs.measured("landing"):
        _land(warehouse, year)
    for name, dates in ((TWELVE, 12), (ONE, 1)):
        _set_dates(warehouse, LAST_DAY, dates)
        with costs.measured(name) as cost:
            cost.sql = build_features()
    _land(warehouse, last_day)
    _set_dates(warehouse, LAST_DAY + datetime.timedelta(days=1), 1)
    with costs.measured(NEXT) as cost:
        cost.sql = build_features()
    return costs


def build_features() -> float:
    """From raw tables to the mart with dbt, in this process; the seconds in which SQL ran."""
    from dbt.cli.main import dbtRunner

    arguments = ["--quiet", "run", "--select", "staging", "identity", "core", "features"]
    arguments += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    result = dbtRunner().invoke(arguments)
    if not result.success:
        sys.exit(f"dbt failed: {result.exception}")
    return _busy(
        (timing.started_at, timing.completed_at)
        for node in result.result.results
        for timing in node.timing
        if timing.name == "execute"
    )


def copy_files(landing: Path, database: Path) -> None:
    """The yardstick: every landed Parquet or CSV file into a table of a fresh database."""
    with duckdb.connect(str(database)) as connection:
        for entity in sorted(path for path in landing.iterdir() if path.is_dir()):
            for kind, reader in (("parquet", "read_parquet"), ("csv", "read_csv")):
                if any(entity.glob(f"*.{kind}")):
                    connection.execute(
                        f"create table {entity.name} as select * from {reader}('{entity}/*.{kind}')"
                    )


def _land(warehouse: Warehouse, landing: Path) -> None:
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with warehouse.connect() as connection:
        land_source(connection, "standard", landing, load_contracts(), now)


def _set_dates(warehouse: Warehouse, newest: datetime.date, count: int) -> None:
    with warehouse.connect() as connection:
        connection.execute("delete from ops.build_dates")
        connection.execute(
            "insert into ops.build_dates select ? - interval (i * 28) day, "
            "case when i = 0 then 'newest' else 'training' end from range(?) as t(i)",
            [newest, count],
        )


def _busy(spans: Iterable[tuple[datetime.datetime, datetime.datetime]]) -> float:
    """Seconds in which at least one of the spans runs: models are built two at a time."""
    total, reached = 0.0, datetime.datetime.min
    for begin, end in sorted(spans):
        total += max(0.0, (end - max(begin, reached)).total_seconds())
        reached = max(reached, end)
    return total


def print_costs(console: Console, size: str, costs: Costs) -> None:
    """One table of seconds, ratios and memory, and one of the goals."""
    counts = ", ".join(f"{count:,} {name}" for name, count in costs.rows.items())
    copy = costs.of["copy"].seconds
    table = Table(title=f"Size {size}: {counts}", title_justify="left")
    for name in ("operation", "seconds", "of copy", "SQL seconds", "SQL of copy", "peak MB"):
        table.add_column(name, justify="left" if name == "operation" else "right")
    for name, cost in costs.of.items():
        sql = ("", "") if cost.sql is None else (f"{cost.sql:.1f}", f"{cost.sql / copy:.2f}")
        peak = f"{cost.peak / MEGABYTE:,.0f}"
        table.add_row(name, f"{cost.seconds:.1f}", f"{cost.seconds / copy:.2f}", *sql, peak)
    console.print(table)
    for name, against, goal, stretch in RATIO_GOALS:
        ours, theirs = costs.of[name], costs.of[against]
        ratio = (ours.sql or ours.seconds) / (theirs.sql or theirs.seconds)
        word = "reached" if ratio <= goal else "NOT reached"
        console.print(f"{name}: {ratio:.2f} of {against}; goal {goal} ({stretch}): {word}")
    for name, goal in PEAK_GOALS.items() if size == "L" else ():
        peak = costs.of[name].peak / MEGABYTE
        word = "reached" if peak <= goal else "NOT reached"
        console.print(f"{name}: peak {peak:,.0f} MB; goal {goal:,} MB: {word}")
