"""The one door to the warehouse: every connection takes the home's lock file first.

DuckDB lets one process write and refuses all others meanwhile, so whoever comes second waits here
with a message instead of failing there. Readers that must not wait read `serving/`.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb
import pyarrow as pa
from filelock import FileLock, Timeout

from data_contracts.definitions.contract import SCHEMAS, Contracts, Table
from segmentry.home import ConfigurationError, Home

if TYPE_CHECKING:
    import pandas as pd

LOCK_SECONDS = 600
RETRY_SECONDS = 0.5
Parameters = list[object] | dict[str, object] | None


class Reader(Protocol):
    """What answers queries: the warehouse, or the snapshot that a run published."""

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""


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
            connection = self._open()
            try:
                connection.execute("set enable_progress_bar = false")
                yield connection
            finally:
                connection.close()

    def _open(self) -> duckdb.DuckDBPyConnection:
        """Open the file; wait for a tool that opened it without the home's lock file."""
        deadline = time.monotonic() + self._lock.timeout
        while True:
            try:
                return duckdb.connect(str(self.home.warehouse))
            except duckdb.IOException as error:
                if "Could not set lock" not in str(error):
                    raise
                if time.monotonic() >= deadline:
                    process = re.search(r"PID \d+", str(error))
                    raise ConfigurationError(
                        f"{self.home.warehouse} is open in another program"
                        f" ({process.group() if process else 'unknown'}); close it there, and let "
                        "it read serving/current/segmentry.duckdb, which a run never waits for"
                    ) from error
            time.sleep(RETRY_SECONDS)

    def read(self, sql: str, parameters: Parameters = None) -> "pd.DataFrame":
        """The result of one query as a DataFrame."""
        with self.connect() as connection:
            return connection.execute(sql, parameters or []).df()

    def scalar(self, sql: str, parameters: Parameters = None) -> object:
        """The first column of the first row, None when there is no row."""
        with self.connect() as connection:
            row = connection.execute(sql, parameters or []).fetchone()
        return row[0] if row else None

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
                    _add_new_columns(connection, table)

    def replace(self, table: Table, rows: "pd.DataFrame", where: str = "true") -> int:
        """Replace the rows of `table` that meet `where` by `rows`, in one transaction.

        Columns are matched by name and cast to the contract's types; a missing or an additional
        column is an error.
        """
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


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: "pd.DataFrame", where: str = "true"
) -> int:
    """What Warehouse.replace does, in a connection that is open already."""
    names = [column.name for column in table.columns]
    if set(rows.columns) != set(names):
        difference = sorted(set(rows.columns) ^ set(names))
        raise ValueError(f"{table.full_name}: columns differ from the contract: {difference}")
    batch = pa.Table.from_pandas(_with_times(table, rows[names]), preserve_index=False)
    connection.execute("begin")
    connection.execute(f"delete from {table.full_name} where {where}")
    insert_batch(connection, table, batch)
    connection.execute("commit")
    return len(rows)


def insert_batch(connection: duckdb.DuckDBPyConnection, table: Table, batch: pa.Table) -> None:
    """Add the rows of `batch`, whose columns have the contract's names."""
    connection.register("incoming_rows", batch)
    insert_from(connection, table, "incoming_rows")
    connection.unregister("incoming_rows")


def insert_from(connection: duckdb.DuckDBPyConnection, table: Table, relation: str) -> int:
    """Add the rows of a relation in SQL, cast to the contract's types; returns their number."""
    names = ", ".join(column.name for column in table.columns)
    casts = ", ".join(f"cast({c.name} as {c.sql_type}) as {c.name}" for c in table.columns)
    connection.execute(
        f"insert into {table.full_name} ({names}) select {casts} from {relation} as made"
    )
    inserted = connection.fetchone()
    return int(inserted[0]) if inserted else 0


def rows_of(table: Table, frames: "list[pd.DataFrame]") -> "pd.DataFrame":
    """The frames as one; without any, no row of the table's columns, so that old rows still go."""
    import pandas as pd

    empty = pd.DataFrame(columns=[column.name for column in table.columns], dtype=object)
    return pd.concat(frames, ignore_index=True) if frames else empty


def _add_new_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """A home that an earlier release made lacks what contracts have gained since."""
    there = connection.execute(f"select * from {table.full_name} limit 0").description
    known = {column[0] for column in there}
    for column in table.columns:
        if column.name not in known:
            connection.execute(
                f"alter table {table.full_name} add column {column.name} {column.sql_type}"
            )


def _with_times(table: Table, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Dates of any Python type as datetimes: Arrow refuses a column of two kinds."""
    import pandas as pd

    times = [c.name for c in table.columns if c.sql_type in ("date", "timestamp")]
    return rows.assign(**{name: pd.to_datetime(rows[name]) for name in times})


def create_table(table: Table) -> str:
    """DDL of a contracted table; no keys, since DuckDB would keep their index in memory."""
    columns = ", ".join(
        f"{column.name} {column.sql_type}{' not null' if column.required else ''}"
        for column in table.columns
    )
    return f"create table if not exists {table.full_name} ({columns})"
