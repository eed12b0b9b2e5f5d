"""A shop that delivers files into a landing folder and lands them in memory."""

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from data_contracts.compiler.loading import load_contracts
from segmentry.landing.report import LandingReport
from segmentry.landing.source import land_source

CLOCK = datetime(2024, 3, 1, 6, 0)
ORDERS = "order_id,source_customer_id,ordered_at,order_amount"


class Shop:
    """A shop that delivers files and lands them; `rows` reads a table back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect()

    def deliver(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def deliver_orders(self, *lines: str, name: str = "orders/first.csv", more: str = "") -> None:
        """Orders of four columns, and those of `more`; a good row unless lines are given."""
        rows = lines or ("A1,C1,2024-01-05 10:00:00,12.50" + "," * more.count(","),)
        self.deliver(name, "\n".join((ORDERS + more, *rows)) + "\n")

    def deliver_parquet(self, name: str, query: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection.execute(f"copy ({query}) to '{path}' (format parquet)")

    def land(self, clock: datetime = CLOCK) -> LandingReport:
        return land_source(self.connection, "standard", self.folder, load_contracts(), clock)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def quarantine(self) -> list[tuple[Any, ...]]:
        """(table, file, row, column, rule) of what lies in quarantine."""
        return self.rows(
            "select table_name, file, row_number, column_name, rule from ops.quarantined_rows "
            "order by all"
        )
