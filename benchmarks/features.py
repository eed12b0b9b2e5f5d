"""What the feature mart costs, as ratios to `copy`: one date, 12 dates, one more day, and memory.

`copy` is DuckDB reading every landed file and writing it once into a fresh database, in the same
run and on the same machine as what is compared with it.
"""

import datetime
import os
import shutil
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
from orchestration.defs.signals import ENCODERS
from orchestration.defs.transform import BEFORE_PYTHON, PARTS
from orchestration.run import prepare
from segmentry.home import DBT_PROJECT, Home
from segmentry.identity.resolver import project_resolver
from segmentry.identity.update import update_identity
from segmentry.landing.source import land_source
from segmentry.signals.encoders import fit_encoders
from segmentry.signals.texts import score_texts
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import rows_of

SIZES = {"S": (120_000, 1_200_000, 5_000_000), "L": (1_000_000, 12_000_000, 50_000_000)}
SHOP_CUSTOMERS, SHOP_DAYS, SHOP_START = 100_000, 365, datetime.date(2023, 1, 1)
MEGABYTE = 1_000_000
ONE, TWELVE, NEXT = "features at 1 date", "features at 12 dates", "one more day"
SIGNALS = "core.fct_text_signals"


@dataclass
class Cost:
    """Wall seconds, processor seconds in user mode and peak resident bytes of one operation.

    work: seconds by part (dbt's time in SQL, and the Python between), without dbt's starting.
    """

    seconds: float = 0.0
    user: float = 0.0
    peak: int = 0
    work: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Time one part of the work in Python."""
        began = time.monotonic()
        yield
        self.work[name] = time.monotonic() - began


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
        began, used = time.monotonic(), os.times().user
        try:
            yield cost
        finally:
            cost.seconds, cost.user = time.monotonic() - began, os.times().user - used
            ended.set()
            watcher.join()


# Goals: (operation, what it is compared with, goal, stretch).
RATIO_GOALS = ((ONE, "copy", 2.5, 2.0), (TWELVE, "copy", 5.5, 4.5), (NEXT, ONE, 0.15, 0.10))
PEAK_GOALS = {
    "L": {ONE: 3000, TWELVE: 5000},
    "omnichannel": {ONE: 5000, TWELVE: 5000},
}  # megabytes


def order_costs(folder: Path, size: str) -> Costs:
    """Orders only. Land a year but for its last day, build; land that day, build the next date."""
    customers, orders, lines = SIZES[size]
    costs = Costs({"customers": customers, "orders": orders, "lines": lines})
    year, last_day = folder / "year", folder / "last_day"
    write_orders(year, last_day, customers, orders, lines)
    home = _first_builds(costs, folder, "standard", year, LAST_DAY)
    _land(Warehouse(home), "standard", last_day)
    _build(costs, NEXT, home, LAST_DAY + datetime.timedelta(days=1), 1)
    return costs


def shop_costs(folder: Path, landing: Path, customers: int) -> Costs:
    """A simulated shop of every channel, all of it landed; the last date is one more day."""
    costs = Costs({"customers": customers})
    last = SHOP_START + datetime.timedelta(days=SHOP_DAYS)
    home = _first_builds(costs, folder, "omnishop", landing, last - datetime.timedelta(days=1))
    _build(costs, NEXT, home, last, 1)
    return costs


def _first_builds(
    costs: Costs, folder: Path, source: str, landing: Path, newest: datetime.date
) -> Home:
    """Copy, then build 12 dates in a home and one date in another, which is returned."""
    with costs.measured("copy"):
        copy_files(landing, folder / "copy.duckdb")
    (folder / "copy.duckdb").unlink()
    twelve, one = Home(folder / "twelve"), Home(folder / "one")
    for home, name, dates in ((twelve, TWELVE, 12), (one, ONE, 1)):
        prepare(home)
        warehouse = Warehouse(home)
        warehouse.create(load_contracts())
        with costs.measured("landing"):
            _land(warehouse, source, landing)
        _build(costs, name, home, newest, dates)
        if home is twelve:
            shutil.rmtree(home.root)
    return one


def _build(costs: Costs, name: str, home: Home, newest: datetime.date, dates: int) -> None:
    """Raw to features in the order of a run, in this process."""
    warehouse, contracts = Warehouse(home), load_contracts()
    _set_dates(warehouse, newest, dates)
    with costs.measured(name) as cost:
        cost.work["evidence"] = run_dbt(PARTS["evidence"])
        with cost.part("identity"), warehouse.connect() as connection:
            update_identity(connection, contracts, project_resolver())
        with cost.part("signals"):
            fitted = fit_encoders(warehouse, newest)
            frames = (fitted.versions, fitted.vectors, fitted.topics)
            for encoder, rows in zip(ENCODERS, frames, strict=True):
                table = contracts.tables[encoder]
                warehouse.replace(table, rows_of(table, rows), "false")
            score_texts(warehouse, contracts.tables[SIGNALS])
        cost.work["mart"] = run_dbt(PARTS["mart"], BEFORE_PYTHON)


def run_dbt(select: str, exclude: str = "") -> float:
    """One part of the line with dbt, without tests; the seconds in which SQL ran."""
    from dbt.cli.main import dbtRunner

    arguments = ["--quiet", "run", "--select", *select.split()]
    arguments += ["--exclude", exclude] if exclude else []
    arguments += ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    result = dbtRunner().invoke(arguments)
    if not result.success:
        messages = [r.message for r in result.result or () if str(r.status) == "error"]
        sys.exit(f"dbt failed: {result.exception or messages}")
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


def _land(warehouse: Warehouse, source: str, landing: Path) -> None:
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with warehouse.connect() as connection:
        land_source(connection, source, landing, load_contracts(), now)


def _set_dates(warehouse: Warehouse, newest: datetime.date, count: int) -> None:
    with warehouse.connect() as connection:
        connection.execute("delete from ops.build_dates")
        connection.execute(
            "insert into ops.build_dates (as_of_date, purpose) select ? - interval (i * 28) day, "
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
    for name in ("operation", "seconds", "user s", "work s", "work of copy", "peak MB"):
        table.add_column(name, justify="left" if name == "operation" else "right")
    for name, cost in costs.of.items():
        work = _work(cost)
        cells = (f"{cost.seconds:.1f}", f"{cost.user:.1f}", f"{work:.1f}", f"{work / copy:.2f}")
        table.add_row(name, *cells, f"{cost.peak / MEGABYTE:,.0f}")
        for part, seconds in cost.work.items():
            table.add_row(f"  {part}", "", "", f"{seconds:.1f}", f"{seconds / copy:.2f}", "")
    console.print(table)
    for name, against, goal, stretch in RATIO_GOALS:
        ratio = _work(costs.of[name]) / _work(costs.of[against])
        word = "reached" if ratio <= goal else "NOT reached"
        console.print(f"{name}: {ratio:.2f} of {against}; goal {goal} ({stretch}): {word}")
    for name, goal in PEAK_GOALS.get(size, {}).items():
        peak = costs.of[name].peak / MEGABYTE
        word = "reached" if peak <= goal else "NOT reached"
        console.print(f"{name}: peak {peak:,.0f} MB; goal {goal:,} MB: {word}")


def _work(cost: Cost) -> float:
    return sum(cost.work.values()) if cost.work else cost.seconds
