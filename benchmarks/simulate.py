"""Seconds, rows and peak memory of `segmentry simulate`, as a user runs it."""

import sys
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from benchmarks.measure import measure

COMMAND = str(Path(sys.executable).with_name("segmentry"))
DAYS = 365
SIZES = (10_000, 100_000)
MEGABYTE = 1_000_000


def main() -> None:
    """Print one line per number of customers: those of the command line, or the default ones."""
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    table = Table(title=f"A synthetic shop of {DAYS} days", title_justify="left")
    for name in ("customers", "seconds", "rows", "rows a second", "peak MB", "MB written"):
        table.add_column(name, justify="right")
    for size in sizes:
        table.add_row(*measure_size(size))
    Console(highlight=False, width=100).print(table)


def measure_size(customers: int) -> list[str]:
    """Simulate so many customers into a temporary folder and return the cells of their line."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "world"
        command = [COMMAND, "simulate", "--customers", str(customers), "--days", str(DAYS)]
        run = measure([*command, "--out", str(out)])
        if run.code:
            sys.exit(f"the simulation failed:\n{run.stderr}")
        files = [path for path in out.rglob("*.parquet") if "truth" not in path.parts]
        rows = sum(pq.read_metadata(path).num_rows for path in files)
        written = sum(path.stat().st_size for path in files)
    figures = (customers, rows, rows / run.seconds, run.peak / MEGABYTE, written / MEGABYTE)
    first, *others = (f"{figure:,.0f}" for figure in figures)
    return [first, f"{run.seconds:.1f}", *others]


if __name__ == "__main__":
    main()
