"""Land a source: delivered files into raw, once, with every bad row put aside and explained.

`land_source` is one transaction: a structural break (LandingError) or a crash leaves nothing half
done. Files that are in the ledger are not read again, unless a rule that depends on other data or
on the clock put rows of theirs into quarantine. Not here: what happens after raw.
"""

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data_contracts.definitions.contract import Contracts, Source
from segmentry.landing.check import check_rows
from segmentry.landing.compare import compare_rows
from segmentry.landing.currency import settle_currency
from segmentry.landing.files import LandingError
from segmentry.landing.plan import Batch, TablePlan, plan_landing
from segmentry.landing.read import read_batch
from segmentry.landing.report import BatchReport, LandingReport, report_batch, report_landing
from segmentry.landing.tables import add_unknown_columns, create_raw_tables
from segmentry.landing.temporary import drop_temporary
from segmentry.landing.write import write_rows
from segmentry.warehouse.door import Connected
from segmentry.warehouse.facts import reporting_currency


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
        listed = ", ".join(sorted(contracts.sources()))
        remedy = f"use one of {listed}, or add data_contracts/tables/raw/{source}.odcs.yaml"
        raise LandingError(source, "unknown source", "no contract for it", remedy)
    run_time = run_time.astimezone(UTC).replace(tzinfo=None) if run_time.tzinfo else run_time
    folders = [landing] if databases is None else [landing, databases]
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set preserve_insertion_order = true")  # row numbers count on it
    connection.execute("begin")
    try:
        drop_temporary(connection)
        create_raw_tables(connection, contracts)
        plan = plan_landing(connection, source, contracts.sources()[source], folders, run_time)
        reports = []
        for table in plan.tables:
            for batch in table.batches:
                report = _land_batch(connection, batch, contracts.source(source))
                _require_good_rows(connection, table, report)
                reports.append(report)
        currency = reporting_currency(Connected(connection)) or ""
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return report_landing(plan, reports, currency)


def _land_batch(connection: duckdb.DuckDBPyConnection, batch: Batch, source: Source) -> BatchReport:
    """Read, check, compare and write; each step reads what those before it returned and left."""
    unknown = add_unknown_columns(connection, batch.table, batch.heads)
    rows = read_batch(connection, batch, unknown)
    note = settle_currency(connection, batch.table, source)  # rules ask for it
    check_rows(connection, batch, rows)
    compare_rows(connection, batch, rows)
    write_rows(connection, batch, rows)
    report = report_batch(connection, batch, note)
    drop_temporary(connection)
    return report


def _require_good_rows(
    connection: duckdb.DuckDBPyConnection, plan: TablePlan, report: BatchReport
) -> None:
    """A required table must have rows, and not only bad ones. Raises LandingError."""
    if not plan.is_required or report.batch.is_retry:
        return
    first = report.batch.heads[0].file.name
    has_rows = connection.execute(f"select 1 from {plan.table.full_name} limit 1").fetchone()
    if not has_rows and not report.rows:
        remedy = "deliver it again with rows below the header"
        raise LandingError(first, "empty file", "only a header", remedy)
    if report.rows and report.quarantined == report.rows:
        problem = f"all {report.rows} rows break a rule; the first: {report.messages[0]}"
        raise LandingError(first, "no good row", problem, "correct the file and land it again")
