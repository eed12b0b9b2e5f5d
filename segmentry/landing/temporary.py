"""The temporary relations of landing: each is made by one step, and later steps read it.

They hold one batch (files of one table) at a time. All but BATCH and PROBLEMS are tables.
"""

import duckdb

# read: one row a file of the batch.
FILES = "landing_files"
# read: rows in quarantine that are tried again; only in a batch of files that landed before.
RETRIED = "landing_retried"
# read: the rows of CSV files, as text.
TEXT = "landing_text"
# read: lines that DuckDB's CSV reader refused, with its message, and what its reader notes.
REJECTED = "landing_rejected"
CSV_ERRORS = "landing_csv_errors"
CSV_SCANS = "landing_csv_scans"
# read: how many refused lines stand before a row.
SHIFT = "landing_shift"
# read: a view of every row with every column of raw, cast; see data_contracts/compiler/to_landing.
BATCH = "landing_batch"
# check: one row for every rule that a row of the batch breaks.
BROKEN_RULES = "landing_broken_rules"
# compare: hashes of the keys that occur more than once, in the batch or in raw.
REPEATED_KEYS = "landing_repeated_keys"
# compare: rows that raw has word for word.
UNCHANGED = "landing_unchanged"
# compare: the other rows with a repeated key, each with its status and version.
COMPARED = "landing_compared"
# compare: status and version of every row that is not simply new.
STATUSES = "landing_statuses"
# compare: a view of all that is wrong with rows: BROKEN_RULES, and keys given twice in a file.
PROBLEMS = "landing_problems"

VIEWS = (PROBLEMS, BATCH)
TABLES = (
    FILES,
    RETRIED,
    TEXT,
    REJECTED,
    CSV_ERRORS,
    CSV_SCANS,
    SHIFT,
    BROKEN_RULES,
    REPEATED_KEYS,
    UNCHANGED,
    COMPARED,
    STATUSES,
)


def drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what a batch, or a landing that failed, left on this connection."""
    for name in VIEWS:
        connection.execute(f"drop view if exists temp.{name}")
    for name in TABLES:
        connection.execute(f"drop table if exists temp.{name}")
