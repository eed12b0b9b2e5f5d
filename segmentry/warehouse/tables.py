"""Contracted tables in an open connection: made, extended, and filled with rows of any origin."""

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from data_contracts.definitions.contract import Table
from segmentry.warehouse.engines.duckdb import relations

if TYPE_CHECKING:
    import pandas as pd


def create_table(table: Table) -> str:
    """DDL of a contracted table; no keys, since DuckDB would keep their index in memory."""
    columns = ", ".join(
        f"{column.name} {column.sql_type}{' not null' if column.required else ''}"
        for column in table.columns
    )
    return f"create table if not exists {table.full_name} ({columns})"


def add_new_columns(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """A home that an earlier release made lacks what contracts have gained since."""
    description = connection.execute(f"select * from {table.full_name} limit 0").description
    present = {column[0] for column in description}
    for column in table.columns:
        if column.name not in present:
            connection.execute(
                f"alter table {table.full_name} add column {column.name} {column.sql_type}"
            )


def replace_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: "pd.DataFrame", where: str = "true"
) -> int:
    """Replace the rows of `table` that meet `where` by `rows`, in one transaction.

    Columns are matched by name and cast to the contract's types. Raises ValueError when a column
    is missing or additional.
    """
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
    with relations(connection, incoming_rows=batch):
        insert_from(connection, table, "incoming_rows")


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


def _with_times(table: Table, rows: "pd.DataFrame") -> "pd.DataFrame":
    """Dates of any Python type as datetimes: Arrow refuses a column of two kinds."""
    import pandas as pd

    times = [c.name for c in table.columns if c.sql_type in ("date", "timestamp")]
    return rows.assign(**{name: pd.to_datetime(rows[name]) for name in times})
