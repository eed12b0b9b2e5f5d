"""The contract checks of a raw table after a landing. Not here: the rules that each row obeys."""

from typing import TYPE_CHECKING

import duckdb

from data_contracts.compiler.to_landing import quote
from data_contracts.definitions.contract import Table
from segmentry.landing.report import TableReport
from segmentry.quality.validation import SAMPLE_ROWS, CheckOutcome, validate_frame
from segmentry.warehouse.door import Warehouse

if TYPE_CHECKING:
    import pandas as pd


def validate_landed(warehouse: Warehouse, table: Table, report: TableReport) -> list[CheckOutcome]:
    """Whether rows were quarantined, and Great Expectations on a bounded sample of the others."""
    outcomes = []
    if report.new_files:
        bad = report.quarantined
        observed = f"{bad} rows set aside"
        outcomes.append(
            CheckOutcome(table, "row_rules", None, "landing", "warn", not bad, observed, bad)
        )
    if report.landed:
        with warehouse.connect() as connection:
            sample = sample_newest(connection, table, SAMPLE_ROWS)
        outcomes += validate_frame(table, sample, may_be_empty=False)
    return outcomes


def sample_newest(
    connection: duckdb.DuckDBPyConnection, table: Table, limit: int
) -> "pd.DataFrame":
    """At most `limit` rows of the newest landing of a raw table, the same ones every time.

    Of a row that landed in several versions, the newest.
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
