"""A published database in which every table and column of the contracts is there to be read.

A shop with little data, or a home of an earlier release, lacks some: those are empty, with the
types that their contracts promise, so that whoever reads needs no second list of columns.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data_contracts.definitions.contract import Contracts, Table
from segmentry.warehouse.door import Connected
from segmentry.warehouse.engines.duckdb import open_in_memory


@contextmanager
def open_published(database: Path, contracts: Contracts) -> Iterator[Connected]:
    """Open the database file read-only; raises duckdb.IOException when it cannot be opened."""
    with open_in_memory() as connection:
        literal = str(database).replace("'", "''")
        connection.execute(f"attach '{literal}' as published (read_only)")
        rows = connection.execute(
            "select table_schema || '.' || table_name, list(column_name) "
            "from information_schema.columns where table_catalog = 'published' group by 1"
        ).fetchall()
        present = {str(name): set(columns) for name, columns in rows}
        served = [table for table in contracts.tables.values() if table.served]
        for schema in sorted({table.schema for table in served}):
            connection.execute(f"create schema {schema}")
        for table in served:
            connection.execute(_view(table, present.get(table.full_name)))
        yield Connected(connection)


def _view(table: Table, present: set[str] | None) -> str:
    """A view of a table with all of its contract's columns; present: those that the file has."""
    gaps = [
        f'cast(null as {column.sql_type}) as "{column.name}"'
        for column in table.served_columns
        if column.name not in (present or ())
    ]
    if present is None:
        return f"create view {table.full_name} as select {', '.join(gaps)} where false"
    columns = ", ".join(["*", *gaps])
    return f"create view {table.full_name} as select {columns} from published.{table.full_name}"
