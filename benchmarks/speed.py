"""make bench: the demo's time and memory by stage, and the cost of features as ratios to a copy.

`--size L` makes the orders ten times as many; `--size omnichannel` runs a simulated shop of every
channel instead. Everything is measured in this one run.
"""

import argparse
import datetime
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.features import (
    MEGABYTE,
    SHOP_CUSTOMERS,
    SHOP_DAYS,
    SHOP_START,
    SIZES,
    Costs,
    order_costs,
    print_costs,
    shop_costs,
)
from benchmarks.measure import Measured, measure

COMMAND = str(Path(sys.executable).with_name("segmentry"))
AS_OF = datetime.date(2017, 12, 30)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", choices=[*SIZES, "omnichannel"], default="S")
    parser.add_argument("--customers", type=int, default=SHOP_CUSTOMERS, help="of the shop")
    parser.add_argument("--no-demo", action="store_true", help="only the cost of features")
    options = parser.parse_args()
    console = Console(highlight=False, width=100)
    if not options.no_demo:
        with tempfile.TemporaryDirectory() as folder:
            measure_demo(console, Path(folder) / "home")
    with tempfile.TemporaryDirectory() as folder:
        if options.size == "omnichannel":
            costs = simulated_costs(Path(folder), options.customers)
        else:
            costs = order_costs(Path(folder), options.size)
        print_costs(console, options.size, costs)


def measure_demo(console: Console, home: Path) -> None:
    help_seconds = min(measure([COMMAND, "--help"]).seconds for _ in range(3))
    command = [COMMAND, "run", "--source", "complete_journey", "--home", str(home)]
    command += ["--as-of", AS_OF.isoformat()]
    print_demo(console, succeed(measure(command)), succeed(measure(command)), help_seconds)


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


def simulated_costs(folder: Path, customers: int) -> Costs:
    """What features cost on a simulated shop of every channel."""
    landing = folder / "landing"
    simulate = ["simulate", "--customers", str(customers), "--days", str(SHOP_DAYS)]
    simulate += ["--start", SHOP_START.isoformat(), "--out", str(landing)]
    succeed(measure([COMMAND, *simulate]))
    return shop_costs(folder, landing, customers)


def succeed(run: Measured) -> Measured:
    """The same, or the end of the benchmark with what the command said."""
    if run.code:
        sys.exit(f"a command failed:\n{run.stderr}")
    return run


if __name__ == "__main__":
    main()
