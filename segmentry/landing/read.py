"""Read the files of a batch as one relation, whatever format each file has.

Parquet is read where it lies; CSV is read once into a temporary table of text, so that every later
scan gives its rows the same numbers. Not here: checking rows, writing to the warehouse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from data_contracts.compiler.to_landing import (
    can_fail,
    cast_sql,
    context_rules,
    landed_sql,
    quote,
    text,
)
from data_contracts.definitions.contract import Table
from segmentry.landing.files import FileHead, LandingError, find_wrong_byte
from segmentry.landing.plan import Batch
from segmentry.landing.temporary import (
    BATCH,
    CSV_ERRORS,
    CSV_SCANS,
    FILES,
    REJECTED,
    RETRIED,
    SHIFT,
    TEXT,
)


@dataclass(frozen=True)
class BatchRows:
    """What the relation of a batch holds.

    columns: those that make two rows the same, contracted and unknown. landed_types: contracted
    column -> its type in the files; a column that no file has is absent.
    """

    columns: tuple[str, ...]
    landed_types: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """Files that are read by one scan: `relation` has _file_number, _row and `names`.

    names: contracted or unknown column -> its name in the relation; types: its type there.
    """

    relation: str
    names: dict[str, str]
    types: dict[str, str]


def read_batch(
    connection: duckdb.DuckDBPyConnection, batch: Batch, unknown: Sequence[str]
) -> BatchRows:
    """Make the relations BATCH, FILES and REJECTED of temporary.py.

    unknown: columns that raw has and the contract has not. Raises LandingError on a file that
    DuckDB's readers cannot read.
    """
    connection.execute(
        f"create temp table {REJECTED} (_file_number integer, _row bigint, line varchar, "
        "message varchar)"
    )
    parts = _parquet_parts(batch.heads)
    if any(not head.file.is_parquet for head in batch.heads):
        _read_csv_files(connection, batch)
        parts.append(_csv_part(batch))
    landed_types = _landed_types(batch.table, parts)
    selects = [_select(p, batch.table, unknown, landed_types, len(parts) > 1) for p in parts]
    sql = " union all ".join(selects)
    if batch.is_retry:
        _list_retried(connection, batch)
        sql = f"select * from ({sql}) semi join {RETRIED} using (_file_number, _row)"
    connection.execute(f"create temp view {BATCH} as {sql}")
    _list_files(connection, batch)
    columns = [column.name for column in batch.table.columns]
    return BatchRows((*columns, *unknown), landed_types)


def _list_retried(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Rows in quarantine that only rules of context hold back."""
    connection.execute(f"create temp table {RETRIED} (_file_number integer, _row bigint)")
    for number, head in enumerate(batch.heads):
        connection.execute(
            f"insert into {RETRIED} select ?, row_number from ops.quarantined_rows "
            "where source = ? and table_name = ? and digest = ? "
            "group by row_number having bool_and(list_contains(?, rule))",
            [
                number,
                batch.source,
                batch.table.entity,
                head.file.digest,
                context_rules(batch.table),
            ],
        )


def _list_files(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """The files of the batch with the rows that each has, refused ones included."""
    counts = _counts(connection, (RETRIED,) if batch.is_retry else (TEXT, REJECTED), batch)
    connection.execute(
        f"create temp table {FILES} (_file_number integer, name varchar, digest varchar, "
        "byte_count bigint, row_count bigint, loaded_at timestamp)"
    )
    connection.executemany(
        f"insert into {FILES} values (?, ?, ?, ?, ?, ?)",
        [
            (number, head.file.name, head.file.digest, head.file.byte_count, count, loaded_at)
            for number, (head, count, loaded_at) in enumerate(
                zip(batch.heads, counts, batch.loaded_at, strict=True)
            )
        ],
    )


def _counts(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[str], batch: Batch
) -> list[int]:
    """Rows of each file: from its head where that says so (Parquet), else counted."""
    if not batch.is_retry and all(head.file.is_parquet for head in batch.heads):
        return [head.row_count or 0 for head in batch.heads]
    listed = " union all ".join(f"select _file_number from {name}" for name in relations)
    counted = dict(
        connection.execute(f"select _file_number, count(*) from ({listed}) group by all").fetchall()
    )
    first = [0 if batch.is_retry else head.row_count or 0 for head in batch.heads]
    return [counted.get(number, rows) for number, rows in enumerate(first)]


def _landed_types(table: Table, parts: Sequence[Part]) -> dict[str, str]:
    """The type of each contracted column in the files; of several, one that may not cast."""
    types: dict[str, str] = {}
    for part in parts:
        for column in table.columns:
            kind = part.types.get(column.name)
            if kind and (column.name not in types or can_fail(column, kind)):
                types[column.name] = kind
    return types


def _select(
    part: Part,
    table: Table,
    unknown: Sequence[str],
    landed_types: Mapping[str, str],
    is_mixed: bool,
) -> str:
    """One part with every column: cast, and as in the file where the cast can fail."""
    columns = ["_file_number", "_row"]
    for column in table.columns:
        name = quote(column.name)
        landed_name = quote(column.name + "__landed")
        fallible = column.name in landed_types and can_fail(column, landed_types[column.name])
        if column.name not in part.names:
            columns.append(f"cast(null as {column.sql_type}) as {name}")
            columns += [f"cast(null as varchar) as {landed_name}"] if fallible else []
            continue
        value, kind = f"part.{quote(part.names[column.name])}", part.types[column.name]
        columns.append(f"cast({cast_sql(column, value, kind)} as {column.sql_type}) as {name}")
        if fallible:
            landed = landed_sql(value, kind)
            landed = f"cast({landed} as varchar)" if is_mixed else landed
            columns.append(f"{landed} as {landed_name}")
    lower = {name.lower(): name for name in part.names}
    for name in unknown:
        own = lower.get(name.lower())
        value = f"part.{quote(part.names[own])}" if own else "null"
        columns.append(f"nullif(cast({value} as varchar), '') as {quote(name)}")
    return f"select {', '.join(columns)} from {part.relation} as part"


def _parquet_parts(heads: Sequence[FileHead]) -> list[Part]:
    """One part for all Parquet files with the same columns."""
    groups: dict[tuple[tuple[str, str], ...], list[int]] = {}
    for number, head in enumerate(heads):
        if head.file.is_parquet:
            groups.setdefault(head.columns, []).append(number)
    parts = []
    for columns, numbers in groups.items():
        paths = ", ".join(text(heads[number].file.path) for number in numbers)
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            file_number = f"file_index + {numbers[0]}"
        else:
            file_number = f"{numbers}[file_index + 1]"
        relation = (
            f"(select *, cast({file_number} as integer) as _file_number, "
            f"file_row_number + 1 as _row from read_parquet([{paths}], file_row_number = true))"
        )
        types = dict(columns)
        names = _names(heads[numbers[0]])
        parts.append(Part(relation, names, {new: types[old] for new, old in names.items()}))
    return parts


def _names(head: FileHead) -> dict[str, str]:
    return head.matched | {name: name for name in head.unknown}


def _csv_part(batch: Batch) -> Part:
    """All CSV files of the batch, which lie in TEXT."""
    heads = [head for head in batch.heads if not head.file.is_parquet]
    unknown = {name.lower(): name for head in heads for name in head.unknown}
    matched = {name for head in heads for name in head.matched}
    names = [column.name for column in batch.table.columns if column.name in matched]
    names += list(unknown.values())
    return Part(TEXT, {name: name for name in names}, dict.fromkeys(names, "VARCHAR"))


def _read_csv_files(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Read all CSV files into TEXT; rows with the wrong shape go to REJECTED."""
    columns = ", ".join(f"{quote(name)} varchar" for name in _csv_part(batch).names)
    connection.execute(f"create temp table {TEXT} ({columns}, _file_number integer, _row bigint)")
    for number, head in enumerate(batch.heads):
        if not head.file.is_parquet:
            _read_csv(connection, number, head)


def _read_csv(connection: duckdb.DuckDBPyConnection, number: int, head: FileHead) -> None:
    columns = ", ".join(f"{text(name)}: 'varchar'" for name, _ in head.columns)
    selected = ", ".join(f"trim({quote(old)}) as {quote(new)}" for new, old in _names(head).items())
    options = (
        f"header = true, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {text(head.delimiter)}, quote = '\"', escape = '\"', store_rejects = true, "
        f"rejects_table = '{CSV_ERRORS}', rejects_scan = '{CSV_SCANS}'"
    )
    try:
        connection.execute(
            f"insert into {TEXT} by name select {selected}, {number} as _file_number, "
            f"row_number() over () as _row from read_csv({text(head.file.path)}, {options})"
        )
    except duckdb.Error as error:
        remedy = "save it with one kind of line ending and every quote closed, then land it again"
        first = str(error).splitlines()[0]
        raise LandingError(head.file.name, "unreadable CSV file", first, remedy) from error
    _keep_rejected(connection, number, head)


def _keep_rejected(connection: duckdb.DuckDBPyConnection, number: int, head: FileHead) -> None:
    """Keep the lines that DuckDB's reader refused, and number the other rows past them."""
    errors = connection.execute(
        f"select list(distinct error_type::varchar) from {CSV_ERRORS}"
    ).fetchone()
    kinds: list[str] = (errors[0] if errors else None) or []
    if "INVALID ENCODING" in kinds:
        raise find_wrong_byte(head.file)
    connection.execute(
        f"insert into {REJECTED} select {number}, line - 1, trim(any_value(csv_line)), "
        f"any_value(error_message) from {CSV_ERRORS} group by line"
    )
    connection.execute(f"drop table {CSV_ERRORS}")
    connection.execute(f"drop table {CSV_SCANS}")
    if not kinds:
        return
    connection.execute(
        f"create or replace temp table {SHIFT} as "
        "select threshold, max(rank) as shift from (select rank, _row - rank + 1 as threshold "
        f"from (select _row, row_number() over (order by _row) as rank from {REJECTED} "
        f"where _file_number = {number})) group by threshold"
    )
    connection.execute(
        f"update {TEXT} as kept set _row = kept._row + moved.shift from ("
        f"select kept._row, shifts.shift from {TEXT} as kept asof join {SHIFT} as shifts "
        f"on kept._row >= shifts.threshold where kept._file_number = {number}) as moved "
        f"where kept._file_number = {number} and kept._row = moved._row"
    )
