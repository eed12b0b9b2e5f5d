"""The typed raw tables, made and kept in step with their contracts. Not here: rows."""

from collections.abc import Sequence

import duckdb

from data_contracts.compiler.to_landing import LANDING_COLUMNS, quote, raw_table_sql
from data_contracts.definitions.contract import SCHEMAS, Contracts, Table
from segmentry.landing.files import FileHead
from segmentry.warehouse.tables import create_table

LEDGERS = ("ops.settings", "ops.loaded_files", "ops.quarantined_rows")


def create_raw_tables(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Make every raw table of every source, typed, and follow contracts that have changed."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    for name in LEDGERS:
        connection.execute(create_table(contracts.tables[name]))
    types: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'raw' and database_name = current_database()"
    ).fetchall():
        types.setdefault(table, {})[column] = kind.lower()
    for table in contracts.of_stage("raw"):
        if table.name not in types:
            connection.execute(raw_table_sql(table))
            continue
        for column in table.columns:
            kind = types[table.name].get(column.name)
            change = (
                f"alter table {table.full_name} alter {column.name} type {column.sql_type} "
                f"using try_cast({column.name} as {column.sql_type})"
            )
            if kind is None:
                change = f"alter table {table.full_name} add {column.name} {column.sql_type}"
            if kind != column.sql_type:
                connection.execute(change)


def add_unknown_columns(
    connection: duckdb.DuckDBPyConnection, table: Table, heads: Sequence[FileHead]
) -> tuple[str, ...]:
    """Columns of a raw table that no contract has; what these files bring anew is added as text."""
    rows = connection.execute(
        "select column_name from duckdb_columns() where schema_name = ? and table_name = ? "
        "and database_name = current_database() order by column_index",
        [table.schema, table.name],
    ).fetchall()
    contracted = {column.name for column in table.columns} | set(LANDING_COLUMNS)
    unknown = [name for (name,) in rows if name.lower() not in contracted]
    present = {name.lower() for name in unknown}
    for name in (name for head in heads for name in head.unknown):
        if name.lower() not in present:
            connection.execute(f"alter table {table.full_name} add column {quote(name)} varchar")
            present.add(name.lower())
            unknown.append(name)
    return tuple(unknown)
