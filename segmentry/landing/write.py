"""Write a batch: good rows into raw, bad rows into quarantine, its files into the ledger.

Everything runs inside the transaction of the caller. Not here: what is good, new or changed.
"""

import duckdb

from data_contracts.compiler.to_landing import quote
from segmentry.landing.plan import Batch
from segmentry.landing.read import BatchRows
from segmentry.landing.temporary import BATCH, FILES, PROBLEMS, REJECTED, RETRIED, STATUSES


def write_rows(connection: duckdb.DuckDBPyConnection, batch: Batch, rows: BatchRows) -> None:
    """Write what the steps before left in BATCH, STATUSES and PROBLEMS of temporary.py."""
    _insert_good(connection, batch, rows)
    if batch.is_retry:
        _release(connection, batch)
    if connection.execute(f"select 1 from {PROBLEMS} limit 1").fetchone():
        _quarantine(connection, batch, rows)
    _enter_files(connection, batch)


def _insert_good(connection: duckdb.DuckDBPyConnection, batch: Batch, rows: BatchRows) -> None:
    """Good rows into raw, in one stream."""
    names = ", ".join(f"this.{quote(name)}" for name in rows.columns)
    joined, version, where = "", "1", ""
    if connection.execute(f"select 1 from {STATUSES} limit 1").fetchone():
        joined = f"left join {STATUSES} as statuses using (_file_number, _row)"
        version = "coalesce(statuses.version, 1)"
        where = "where statuses.status is null or statuses.status in ('landed', 'changed')"
    connection.execute(
        f"insert into {batch.table.full_name} by name select {names}, "
        f"cast(? as timestamp) as _loaded_at, files.name as _file, _row, "
        f"cast({version} as integer) as _version from {BATCH} as this "
        f"join {FILES} as files using (_file_number) {joined} {where}",
        [batch.run_time],
    )


def _release(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Take out of quarantine the rules that retried rows break no more."""
    connection.execute(
        f"delete from ops.quarantined_rows as held using {FILES} as files, {RETRIED} as retried "
        "where retried._file_number = files._file_number "
        "and held.source = ? and held.table_name = ? and held.digest = files.digest "
        f"and held.row_number = retried._row and not exists (select 1 from {PROBLEMS} as problems "
        "where problems._file_number = retried._file_number "
        "and problems._row = retried._row and problems.rule = held.rule)",
        [batch.source, batch.table.entity],
    )


def _quarantine(connection: duckdb.DuckDBPyConnection, batch: Batch, rows: BatchRows) -> None:
    """Bad rows with their content as in the file, unless they lie in quarantine already."""
    present = {name for name, *_ in connection.execute(f"describe {BATCH}").fetchall()}
    fields = []
    for name in rows.columns:
        landed = name + "__landed" if name + "__landed" in present else name
        fields.append(f"{quote(name)}: cast(this.{quote(landed)} as varchar)")
    content = f"case when this._row is not null then to_json({{{', '.join(fields)}}}) end"
    source, entity = batch.source, batch.table.entity
    connection.execute(
        "insert into ops.quarantined_rows by name "
        "select ? as source, ? as table_name, files.name as file, files.digest as digest, "
        "problems._row as row_number, problems.column_name, problems.rule, problems.reason, "
        f"cast(coalesce({content}, to_json({{line: rejected.line}})) as varchar) "
        "as row_content, cast(? as timestamp) as quarantined_at "
        f"from {PROBLEMS} as problems join {FILES} as files using (_file_number) "
        f"left join {BATCH} as this using (_file_number, _row) "
        f"left join {REJECTED} as rejected using (_file_number, _row) "
        "where not exists (select 1 from ops.quarantined_rows as held where held.source = ? "
        "and held.table_name = ? and held.digest = files.digest "
        "and held.row_number = problems._row and held.rule = problems.rule)",
        [source, entity, batch.run_time, source, entity],
    )


def _enter_files(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """One row a file in the ledger; of a file that was read again, only what it released counts."""
    connection.execute(
        f"""
        insert into ops.loaded_files by name
        with counted as (
            select _file_number,
                count(*) filter (status = 'kept') as kept_count,
                count(*) filter (status = 'duplicate') as duplicate_count,
                count(*) filter (status = 'changed') as changed_count,
                count(*) filter (status = 'quarantined') as quarantined_count
            from {STATUSES} group by _file_number
        ), ledger as (
            select ? as source, ? as table_name, files.name as file, files.digest,
                files.byte_count, files.row_count - coalesce(kept_count, 0) as row_count,
                coalesce(duplicate_count, 0) as duplicate_count,
                coalesce(changed_count, 0) as changed_count,
                coalesce(quarantined_count, 0) as quarantined_count,
                cast(? as timestamp) as loaded_at
            from {FILES} as files left join counted using (_file_number)
        )
        select *, row_count - duplicate_count - changed_count - quarantined_count
            as landed_count
        from ledger where row_count > 0 or not ? order by file
        """,
        [batch.source, batch.table.entity, batch.run_time, batch.is_retry],
    )
