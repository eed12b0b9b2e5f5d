"""Compare each good row with raw: new, unchanged, changed (a new version), or in conflict.

Rows whose key is nowhere else are new without a look; only repeated keys are compared, so that a
first landing costs one pass over the keys. Not here: row rules, insertion.
"""

from collections.abc import Sequence

import duckdb

from data_contracts.compiler.to_landing import quote, text
from data_contracts.definitions.contract import Table
from segmentry.landing.plan import Batch
from segmentry.landing.read import BatchRows
from segmentry.landing.temporary import (
    BATCH,
    BROKEN_RULES,
    COMPARED,
    FILES,
    PROBLEMS,
    REPEATED_KEYS,
    STATUSES,
    UNCHANGED,
)

DUPLICATE_KEY = "duplicate_key"
FROM_FILE_TO_FILE = """case
    when previous is null then 'landed'
    when previous = content then 'duplicate'
    when is_newer_in_raw then 'conflict'
    else 'changed' end"""
GOOD = f"""(
    select * from {BATCH} anti join {BROKEN_RULES} using (_file_number, _row)
        anti join {UNCHANGED} using (_file_number, _row)
)"""


def compare_rows(connection: duckdb.DuckDBPyConnection, batch: Batch, rows: BatchRows) -> None:
    """Make STATUSES and PROBLEMS of temporary.py.

    A row without a status is new, in version 1. Of files that landed before, only what leaves
    quarantine is compared, and does not overwrite a version that landed since.
    """
    table, content = batch.table, rows.columns
    keys = list(table.key) or list(content)
    connection.execute(f"create temp table {UNCHANGED} (_file_number integer, _row bigint)")
    _find_repeated_keys(connection, table, keys, content)
    connection.execute(
        f"create temp table {COMPARED} (_file_number integer, _row bigint, status varchar, "
        "first_row bigint, version integer)"
    )
    if connection.execute(f"select 1 from {REPEATED_KEYS} limit 1").fetchone():
        if table.key:
            sql = _keyed_sql(table, content, batch.is_retry)
        else:
            sql = _keyless_sql(table, content)
        connection.execute(f"insert into {COMPARED} by name {sql}")
    broken = "kept" if batch.is_retry else "quarantined"
    connection.execute(
        f"create temp table {STATUSES} as "
        f"select distinct _file_number, _row, {text(broken)} as status, 0 as version "
        f"from {BROKEN_RULES} "
        f"union all select _file_number, _row, 'duplicate', 0 from {UNCHANGED} "
        "union all select _file_number, _row, "
        f"case status when 'conflict' then 'quarantined' else status end, version from {COMPARED}"
    )
    connection.execute(
        f"create temp view {PROBLEMS} as select * from {BROKEN_RULES} union all "
        f"select _file_number, _row, {text(', '.join(keys))}, {text(DUPLICATE_KEY)}, "
        f"{_conflict_reason(keys)} from {COMPARED} where status = 'conflict'"
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names)


def _find_repeated_keys(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    keys: Sequence[str],
    content: Sequence[str],
) -> None:
    """Make REPEATED_KEYS: hashes of the keys that occur more than once, here or in raw.

    Equal keys have equal hashes, so nothing is missed; rows that only share a hash are told apart
    by their keys later. Sorting and comparing neighbours takes a third of the time and memory of
    grouping when almost every key is different.
    """
    hashed = f"hash({_list(keys)})"
    connection.execute(
        f"create temp table {REPEATED_KEYS} as select distinct key_hash from ("
        "select key_hash, lag(key_hash) over (order by key_hash) as before from ("
        f"select {hashed} as key_hash from {GOOD})) where key_hash = before"
    )
    in_raw = f"from {table.full_name} where {hashed} in (select {hashed} from {GOOD})"
    if connection.execute(f"select 1 {in_raw} limit 1").fetchone():
        if table.key:
            _find_unchanged(connection, table, hashed, f"hash({_list(content)})")
        connection.execute(f"insert into {REPEATED_KEYS} select {hashed} {in_raw}")


def _find_unchanged(
    connection: duckdb.DuckDBPyConnection, table: Table, key_hash: str, content_hash: str
) -> None:
    """Fill UNCHANGED: most of a re-export, and not worth comparing by key.

    Keys with a history are left to the comparison: only their newest version counts.
    """
    connection.execute(
        f"insert into {UNCHANGED} select _file_number, _row from ("
        f"select _file_number, _row, {key_hash} as key_hash, {content_hash} as content_hash "
        f"from {GOOD}) semi join (select {key_hash} as key_hash, {content_hash} as content_hash "
        f"from {table.full_name}) using (key_hash, content_hash) "
        f"where key_hash not in (from {REPEATED_KEYS}) "
        f"and key_hash not in (select {key_hash} from {table.full_name} where _version > 1)"
    )


def _keyed_sql(table: Table, content: Sequence[str], is_retry: bool) -> str:
    """Rows of a table with a key: within a file the first row of a key stays; from file to file
    other content is a new version."""
    keys = table.key
    is_repeated = f"hash({_list(keys)}) in (from {REPEATED_KEYS})"
    # Under names of our own: a contract may call a column `status` or `content` too.
    named = ", ".join(f"{quote(name)} as _key_{number}" for number, name in enumerate(keys))
    key = ", ".join(f"_key_{number}" for number in range(len(keys)))
    ranked_key = ", ".join(f"ranked._key_{number}" for number in range(len(keys)))
    is_newer_in_raw = "existing._loaded_at >= files.loaded_at" if is_retry else "false"
    return f"""
        with repeated as (
            select _file_number, _row, {named}, hash({_list(content)}) as content
            from {GOOD} where {is_repeated}
        ), existing as (
            select {named}, hash({_list(content)}) as content, _version, _loaded_at
            from {table.full_name} where {is_repeated}
            qualify row_number() over (partition by {_list(keys)} order by _version desc) = 1
        ), ranked as (
            select *, row_number() over in_file as rank,
                first_value(_row) over in_file as first_row,
                first_value(content) over in_file as first_content
            from repeated
            window in_file as (partition by {key}, _file_number order by _row)
        ), matched as (
            select ranked.*, existing._version as last_version,
                {is_newer_in_raw} as is_newer_in_raw,
                coalesce(
                    lag(ranked.content) over (
                        partition by {ranked_key} order by ranked._file_number
                    ), existing.content
                ) as previous
            from ranked join {FILES} as files using (_file_number)
            left join existing using ({key})
            where rank = 1
        ), compared as (
            select *, {FROM_FILE_TO_FILE} as status from matched
        )
        select _file_number, _row, status, null::bigint as first_row,
            cast(coalesce(last_version, 0) + sum(cast(status in ('landed', 'changed') as integer))
                over (partition by {key} order by _file_number) as integer) as version
        from compared
        union all
        select _file_number, _row,
            case when content = first_content then 'duplicate' else 'conflict' end, first_row, 0
        from ranked where rank > 1
    """


def _keyless_sql(table: Table, content: Sequence[str]) -> str:
    """Rows of a table without a key: the n-th equal row of a file is new when neither raw nor an
    earlier file has n of them."""
    is_repeated = f"hash({_list(content)}) in (from {REPEATED_KEYS})"
    return f"""
        with repeated as (
            select _file_number, _row, row({_list(content)}) as content
            from {GOOD} where {is_repeated}
        ), existing as (
            select row({_list(content)}) as content, count(*) as row_count
            from {table.full_name} where {is_repeated} group by all
        ), ranked as (
            select *, row_number() over (
                partition by content, _file_number order by _row) as rank
            from repeated
        ), counted as (
            select *, row_number() over (
                partition by content, rank order by _file_number) as file_rank
            from ranked
        )
        select _file_number, _row, null::bigint as first_row, 1 as version,
            case when file_rank > 1 or rank <= coalesce(row_count, 0) then 'duplicate'
                else 'landed' end as status
        from counted left join existing on existing.content is not distinct from counted.content
    """


def _conflict_reason(keys: Sequence[str]) -> str:
    same = f"the same {' and '.join(keys)} "
    here = text(same + "with other content is in row ")
    since = text(
        same + "landed with other content since; deliver the row again if this one is right"
    )
    return (
        f"case when first_row is null then {since} else {here} || first_row || "
        f"{text(' of this file; the first stays; keep one of them')} end"
    )
