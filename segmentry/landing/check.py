"""Check every row of a batch by the rules of its contract. Not here: what becomes of a bad row."""

import duckdb

from data_contracts.compiler.to_landing import bad_rows_sql, row_rules, text
from segmentry.landing.plan import Batch
from segmentry.landing.read import BatchRows
from segmentry.landing.temporary import BATCH, BROKEN_RULES, REJECTED

WRONG_SHAPE = "columns"
REMEDY = "; give every row as many values as the header has names, quotes closed"


def check_rows(connection: duckdb.DuckDBPyConnection, batch: Batch, rows: BatchRows) -> None:
    """Make BROKEN_RULES: one row for every rule that a row of the batch breaks."""
    connection.execute(
        f"create temp table {BROKEN_RULES} (_file_number integer, _row bigint, "
        "column_name varchar, rule varchar, reason varchar)"
    )
    sql = bad_rows_sql(row_rules(batch.table, rows.landed_types, batch.run_time), BATCH)
    if sql:
        connection.execute(f"insert into {BROKEN_RULES} {sql}")
    if not batch.is_retry:
        connection.execute(
            f"insert into {BROKEN_RULES} select _file_number, _row, null, {text(WRONG_SHAPE)}, "
            f"message || {text(REMEDY)} from {REJECTED}"
        )
