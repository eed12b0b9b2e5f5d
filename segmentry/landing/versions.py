"""What becomes of each good row: new, the same again, a new version, or a conflict in its file.

Rows whose key is nowhere else need no verdict; only contested rows are compared, so that a first
landing costs one pass over the keys. Not here: row rules, insertion.
"""

from collections.abc import Sequence

import duckdb

from data_contracts.compiler.to_landing import quote, text
from data_contracts.definitions.contract import Table

DUPLICATE_KEY = "duplicate_key"
FROM_FILE_TO_FILE = """case
    when previous is null then 'landed'
    when previous = content then 'duplicate'
    when came_since then 'conflict'
    else 'changed' end"""
GOOD = "(select * from landing_batch anti join landing_verdict using (_file_number, _row))"


def settle(
    connection: duckdb.DuckDBPyConnection, table: Table, content: Sequence[str], again: bool
) -> None:
    """Fill landing_verdict with a status and a version for every contested row.

    content: columns that make two rows the same. again: the files landed earlier, and only rows
    released from quarantine are judged, so that what came since is not overwritten.
    """
    keys = list(table.key) or list(content)
    if not _contested(connection, table, keys, content):
        return
    sql = _keyed_sql(table, keys, content, again) if table.key else _keyless_sql(table, content)
    connection.execute(f"create temp table landing_settled as {sql}")
    connection.execute(
        "insert into landing_verdict select _file_number, _row, "
        "case status when 'conflict' then 'quarantined' else status end, version "
        "from landing_settled"
    )
    connection.execute(
        f"insert into landing_bad select _file_number, _row, {text(', '.join(keys))}, "
        f"{text(DUPLICATE_KEY)}, {_conflict_reason(keys)} "
        "from landing_settled where status = 'conflict'"
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(quote(name) for name in names)


def _contested(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    keys: Sequence[str],
    content: Sequence[str],
) -> bool:
    """Fill landing_hashes with the key hashes that occur more than once, here or in raw.

    Equal keys have equal hashes, so nothing is missed; rows that only share a hash are told apart
    by their keys later. Sorting and comparing neighbours takes a third of the time and memory of
    grouping when almost every key is different.
    """
    hashed = f"hash({_list(keys)})"
    connection.execute(
        "create temp table landing_hashes as select distinct key_hash from ("
        "select key_hash, lag(key_hash) over (order by key_hash) as before from ("
        f"select {hashed} as key_hash from {GOOD})) where key_hash = before"
    )
    in_raw = f"from {table.full_name} where {hashed} in (select {hashed} from {GOOD})"
    if connection.execute(f"select 1 {in_raw} limit 1").fetchone():
        if table.key:
            _mark_unchanged(connection, table, hashed, f"hash({_list(content)})")
        connection.execute(f"insert into landing_hashes select {hashed} {in_raw}")
    return connection.execute("select 1 from landing_hashes limit 1").fetchone() is not None


def _mark_unchanged(
    connection: duckdb.DuckDBPyConnection, table: Table, key_hash: str, content_hash: str
) -> None:
    """Count what raw has word for word: most of a re-export, and not worth comparing by key.

    Keys with a history are left to the comparison: only their newest version counts.
    """
    connection.execute(
        "insert into landing_verdict select _file_number, _row, 'duplicate', 0 from ("
        f"select _file_number, _row, {key_hash} as key_hash, {content_hash} as content_hash "
        f"from {GOOD}) semi join (select {key_hash} as key_hash, {content_hash} as content_hash "
        f"from {table.full_name}) using (key_hash, content_hash) "
        "where key_hash not in (from landing_hashes) "
        f"and key_hash not in (select {key_hash} from {table.full_name} where _version > 1)"
    )


def _keyed_sql(table: Table, keys: Sequence[str], content: Sequence[str], again: bool) -> str:
    """Contested rows of a table with a key: within a file the first row of a key stays; from file
    to file other content is a new version."""
    contested = f"hash({_list(keys)}) in (from landing_hashes)"
    # Under names of our own: a contract may call a column `status` or `content` too.
    named = ", ".join(f"{quote(name)} as _key_{number}" for number, name in enumerate(keys))
    key = ", ".join(f"_key_{number}" for number in range(len(keys)))
    placed_key = ", ".join(f"placed._key_{number}" for number in range(len(keys)))
    came_since = "existing._loaded_at >= landing_files.loaded_at" if again else "false"
    return f"""
        with contested as (
            select _file_number, _row, {named}, hash({_list(content)}) as content
            from {GOOD} where {contested}
        ), existing as (
            select {named}, hash({_list(content)}) as content, _version, _loaded_at
            from {table.full_name} where {contested}
            qualify row_number() over (partition by {_list(keys)} order by _version desc) = 1
        ), placed as (
            select *, row_number() over in_file as place,
                first_value(_row) over in_file as first_row,
                first_value(content) over in_file as first_content
            from contested
            window in_file as (partition by {key}, _file_number order by _row)
        ), compared as (
            select placed.*, existing._version as last_version, {came_since} as came_since,
                coalesce(
                    lag(placed.content) over (
                        partition by {placed_key} order by placed._file_number
                    ), existing.content
                ) as previous
            from placed join landing_files using (_file_number) left join existing using ({key})
            where place = 1
        ), judged as (
            select *, {FROM_FILE_TO_FILE} as status from compared
        )
        select _file_number, _row, status, null::bigint as first_row,
            cast(coalesce(last_version, 0) + sum(cast(status in ('landed', 'changed') as integer))
                over (partition by {key} order by _file_number) as integer) as version
        from judged
        union all
        select _file_number, _row,
            case when content = first_content then 'duplicate' else 'conflict' end, first_row, 0
        from placed where place > 1
    """


def _keyless_sql(table: Table, content: Sequence[str]) -> str:
    """Contested rows of a table without a key: the n-th equal row of a file is new when neither
    raw nor an earlier file has n of them."""
    contested = f"hash({_list(content)}) in (from landing_hashes)"
    return f"""
        with contested as (
            select _file_number, _row, row({_list(content)}) as content
            from {GOOD} where {contested}
        ), existing as (
            select row({_list(content)}) as content, count(*) as present
            from {table.full_name} where {contested} group by all
        ), placed as (
            select *, row_number() over (
                partition by content, _file_number order by _row) as place
            from contested
        ), repeated as (
            select *, row_number() over (
                partition by content, place order by _file_number) as repeat
            from placed
        )
        select _file_number, _row, null::bigint as first_row, 1 as version,
            case when repeat > 1 or place <= coalesce(present, 0) then 'duplicate'
                else 'landed' end as status
        from repeated left join existing on existing.content is not distinct from repeated.content
    """


def _conflict_reason(keys: Sequence[str]) -> str:
    same = f"the same {' and '.join(keys)} "
    here = text(same + "with other content is in row ")
    since = text(same + "came with other content since; deliver the row again if this one is right")
    return (
        f"case when first_row is null then {since} else {here} || first_row || "
        f"{text(' of this file; the first stays; keep one of them')} end"
    )
