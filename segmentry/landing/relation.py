"""The rows of delivered files as one relation, `landing_batch`, whatever format each file has.

Parquet is read where it lies; CSV is read once into a temporary table of text, so that every later
scan knows its rows by number. Not here: judging rows, writing to the warehouse.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from data_contracts.compiler.to_landing import can_fail, cast_sql, landed_sql, quote, text
from data_contracts.definitions.contract import Table
from segmentry.landing.files import FileHead, LandingError, find_wrong_byte

BATCH = "landing_batch"
REJECTED = "landing_rejected"
TEMPORARY = (
    "landing_stage",
    "landing_shift",
    "landing_files",
    "landing_again",
    "landing_bad",
    "landing_hashes",
    "landing_settled",
    "landing_verdict",
    REJECTED,
)


@dataclass(frozen=True)
class Part:
    """Files that are read by one scan: `relation` has _file_number, _row and `names`.

    names: contracted or unknown column -> its name in the relation; types: how it came.
    """

    relation: str
    names: dict[str, str]
    types: dict[str, str]


def drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget what an earlier table or landing left on this connection."""
    connection.execute(f"drop view if exists temp.{BATCH}")
    for name in TEMPORARY:
        connection.execute(f"drop table if exists temp.{name}")


def stage(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    heads: Sequence[FileHead],
    extra: Sequence[str],
    only_again: bool = False,
) -> tuple[dict[str, str], list[int]]:
    """Make the view `landing_batch`. Returns how each column came, and the rows of each file.

    extra: columns that raw has and the contract has not. only_again: keep only the rows that are
    listed in landing_again. Raises LandingError on a file that DuckDB's readers cannot read.
    """
    connection.execute(
        f"create temp table {REJECTED} (_file_number integer, _row bigint, line varchar, "
        "message varchar)"
    )
    counts = [head.row_count or 0 for head in heads]
    parts = _parquet_parts(heads)
    if any(not head.file.is_parquet for head in heads):
        parts.append(_csv_part(connection, table, heads, counts))
    landed_types = _landed_types(table, parts)
    selects = [_select(part, table, extra, landed_types, len(parts) > 1) for part in parts]
    sql = " union all ".join(selects)
    if only_again:
        sql = f"select * from ({sql}) semi join landing_again using (_file_number, _row)"
    connection.execute(f"create temp view {BATCH} as {sql}")
    return landed_types, counts


def _landed_types(table: Table, parts: Sequence[Part]) -> dict[str, str]:
    """The type each contracted column came in; of several, one that can fail to be cast."""
    types: dict[str, str] = {}
    for part in parts:
        for column in table.columns:
            came = part.types.get(column.name)
            if came and (column.name not in types or can_fail(column, came)):
                types[column.name] = came
    return types


def _select(
    part: Part, table: Table, extra: Sequence[str], landed_types: dict[str, str], mixed: bool
) -> str:
    """One part with every column: cast, and as it came where the cast can fail."""
    columns = ["_file_number", "_row"]
    for column in table.columns:
        name = quote(column.name)
        landed_name = quote(column.name + "__landed")
        fallible = column.name in landed_types and can_fail(column, landed_types[column.name])
        if column.name not in part.names:
            columns.append(f"cast(null as {column.sql_type}) as {name}")
            columns += [f"cast(null as varchar) as {landed_name}"] if fallible else []
            continue
        value, came = f"came.{quote(part.names[column.name])}", part.types[column.name]
        columns.append(f"cast({cast_sql(column, value, came)} as {column.sql_type}) as {name}")
        if fallible:
            landed = landed_sql(value, came)
            landed = f"cast({landed} as varchar)" if mixed else landed
            columns.append(f"{landed} as {landed_name}")
    lower = {name.lower(): name for name in part.names}
    for name in extra:
        value = (
            f"came.{quote(part.names[lower[name.lower()]])}" if name.lower() in lower else "null"
        )
        columns.append(f"nullif(cast({value} as varchar), '') as {quote(name)}")
    return f"select {', '.join(columns)} from {part.relation} as came"


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
        came = dict(columns)
        names = _names(heads[numbers[0]])
        parts.append(Part(relation, names, {new: came[old] for new, old in names.items()}))
    return parts


def _names(head: FileHead) -> dict[str, str]:
    return head.matched | {name: name for name in head.unknown}


def _csv_part(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    heads: Sequence[FileHead],
    counts: list[int],
) -> Part:
    """Read all CSV files into one table of text; fills the row counts of their files."""
    files = [(number, head) for number, head in enumerate(heads) if not head.file.is_parquet]
    unknown = {name.lower(): name for _, head in files for name in head.unknown}
    came = {name for _, head in files for name in head.matched}
    names = [column.name for column in table.columns if column.name in came]
    names += list(unknown.values())
    columns = ", ".join(f"{quote(name)} varchar" for name in names)
    connection.execute(
        f"create temp table landing_stage ({columns}, _file_number integer, _row bigint)"
    )
    for number, head in files:
        counts[number] = _read_csv(connection, number, head)
    return Part("landing_stage", {name: name for name in names}, dict.fromkeys(names, "VARCHAR"))


def _read_csv(connection: duckdb.DuckDBPyConnection, number: int, head: FileHead) -> int:
    """Append one file to landing_stage; rows with the wrong shape go to landing_rejected."""
    columns = ", ".join(f"{text(name)}: 'varchar'" for name, _ in head.columns)
    selected = ", ".join(f"trim({quote(old)}) as {quote(new)}" for new, old in _names(head).items())
    options = (
        f"header = true, auto_detect = false, columns = {{{columns}}}, "
        f"delim = {text(head.delimiter)}, quote = '\"', escape = '\"', store_rejects = true, "
        "rejects_table = 'landing_csv_errors', rejects_scan = 'landing_csv_scans'"
    )
    try:
        connection.execute(
            f"insert into landing_stage by name select {selected}, {number} as _file_number, "
            f"row_number() over () as _row from read_csv({text(head.file.path)}, {options})"
        )
    except duckdb.Error as error:
        remedy = "save it with one kind of line ending and every quote closed, then land it again"
        first = str(error).splitlines()[0]
        raise LandingError(head.file.name, "unreadable CSV file", first, remedy) from error
    rejected = _store_rejected(connection, number, head)
    counted = connection.execute(
        "select count(*) from landing_stage where _file_number = ?", [number]
    ).fetchone()
    return rejected + (int(counted[0]) if counted else 0)


def _store_rejected(connection: duckdb.DuckDBPyConnection, number: int, head: FileHead) -> int:
    """Keep the rows that DuckDB's reader put aside, and number the others past them."""
    errors = connection.execute(
        "select list(distinct error_type::varchar) from landing_csv_errors"
    ).fetchone()
    kinds: list[str] = (errors[0] if errors else None) or []
    if "INVALID ENCODING" in kinds:
        raise find_wrong_byte(head.file)
    connection.execute(
        f"insert into {REJECTED} select {number}, line - 1, trim(any_value(csv_line)), "
        "any_value(error_message) from landing_csv_errors group by line"
    )
    connection.execute("drop table landing_csv_errors")
    connection.execute("drop table landing_csv_scans")
    if not kinds:
        return 0
    connection.execute(
        "create or replace temp table landing_shift as "
        "select threshold, max(place) as shift from (select place, _row - place + 1 as threshold "
        f"from (select _row, row_number() over (order by _row) as place from {REJECTED} "
        f"where _file_number = {number})) group by threshold"
    )
    connection.execute(
        "update landing_stage as staged set _row = staged._row + moved.shift from ("
        "select came._row, landing_shift.shift from landing_stage as came asof join landing_shift "
        f"on came._row >= landing_shift.threshold where came._file_number = {number}) as moved "
        f"where staged._file_number = {number} and staged._row = moved._row"
    )
    counted = connection.execute(
        f"select count(*) from {REJECTED} where _file_number = {number}"
    ).fetchone()
    return int(counted[0]) if counted else 0
