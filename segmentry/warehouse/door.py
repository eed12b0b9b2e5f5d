"""The one door to the warehouse: every connection takes the home's lock file first.

DuckDB lets one process write and refuses all others meanwhile, so whoever comes second waits here
with a message instead of failing there. Readers that must not wait read `serving/`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb
import pyarrow as pa
from filelock import FileLock, Timeout

from data_contracts.definitions.contract import SCHEMAS, Contracts, Table
from segmentry.home import ConfigurationError, Home
from segmentry.warehouse.engines.duckdb import open_file
from segmentry.warehouse.tables import (
    add_new_columns,
    create_table,
    insert_batch,
    insert_from,
    replace_rows,
)

if TYPE_CHECKING:
    import pandas as pd

LOCK_SECONDS = 600
Parameters = list[object] | dict[str, object] | None


class Reader(Protocol):
    """What answers queries: the warehouse, or the snapshot that a run published."""

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""


class Connected:
    """A connection that is open already, as a Reader: for facts asked in the midst of a write."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""
        return self.connection.execute(sql, parameters or []).df()

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""
        row = self.connection.execute(sql, parameters or []).fetchone()
        return row[0] if row else None


class Warehouse:
    """Reads and writes the tables of one home in Arrow batches, one open connection at a time."""

    def __init__(self, home: Home, lock_seconds: float = LOCK_SECONDS) -> None:
        self.home = home
        self._lock = FileLock(home.lock, timeout=lock_seconds)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the warehouse for this process (dbt opens its own connection under it)."""
        self.home.create()
        try:
            self._lock.acquire()
        except Timeout as error:
            raise ConfigurationError(
                f"{self.home.warehouse} has been in use by another run for {self._lock.timeout:.0f}"
                " seconds; wait for it to end, or read serving/current/segmentry.duckdb"
            ) from error
        try:
            yield
        finally:
            self._lock.release()

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-write connection, closed on leaving."""
        with self.lock():
            connection = open_file(self.home.warehouse, self._lock.timeout)
            try:
                yield connection
            finally:
                connection.close()

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""
        with self.connect() as connection:
            return Connected(connection).read(sql, parameters)

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""
        with self.connect() as connection:
            return Connected(connection).scalar(sql, parameters)

    def count(self, full_name: str) -> int:
        """Rows of one table."""
        return int(str(self.scalar(f"select count(*) from {full_name}")))

    def create(self, contracts: Contracts) -> None:
        """Make every schema and table that Python fills; add columns that contracts gained."""
        with self.connect() as connection:
            for schema in SCHEMAS:
                connection.execute(f"create schema if not exists {schema}")
            for table in contracts.tables.values():
                if table.builder == "python":
                    connection.execute(create_table(table))
                    add_new_columns(connection, table)

    def replace(self, table: Table, rows: "pd.DataFrame", where: str = "true") -> int:
        """What `tables.replace_rows` does, in a connection of its own."""
        with self.connect() as connection:
            return replace_rows(connection, table, rows, where)

    @contextmanager
    def rewrite(self, table: Table, where: str) -> Iterator["Rewrite"]:
        """Replace the rows of `table` that meet `where`, batch by batch, in one transaction."""
        with self.connect() as connection:
            connection.execute("begin")
            connection.execute(f"delete from {table.full_name} where {where}")
            yield Rewrite(connection, table)
            connection.execute("commit")

    def replace_by(self, table: Table, steps: "list[Replacement]") -> int:
        """Replace rows of `table` by the results of queries, all in one transaction.

        Nothing passes through Python, so that any number of rows fits. The columns of a query have
        the contract's names. Returns how many rows came.
        """
        rows = 0
        with self.connect() as connection:
            connection.execute("begin")
            for step in steps:
                connection.execute(f"delete from {table.full_name} where {step.where}")
                rows += insert_from(connection, table, f"({step.query})")
            connection.execute("commit")
        return rows


@dataclass(frozen=True)
class Replacement:
    """The rows of a table that meet a condition give way to the result of a query."""

    where: str
    query: str


class Rewrite:
    """A table being rewritten in an open transaction: read batches, insert what is made of them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: Table) -> None:
        self._connection = connection
        self._table = table
        self.rows = 0

    def batches(self, sql: str, rows: int) -> Iterator[pa.Table]:
        """The result of a query as it was before this transaction, at most `rows` at a time."""
        cursor = self._connection.cursor()
        try:
            for batch in cursor.sql(sql).to_arrow_reader(rows):
                yield pa.Table.from_batches([batch])
        finally:
            cursor.close()

    def insert(self, batch: pa.Table) -> None:
        """Add rows; columns are matched by name and cast to the contract's types."""
        insert_batch(self._connection, self._table, batch)
        self.rows += len(batch)
