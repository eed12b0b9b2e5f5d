"""What one landing has to read: for every table its new files, and files worth another try.

Every head is checked before any row is read, so that a structural break stops the landing first.
Not here: rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from data_contracts.compiler.to_landing import context_rules
from data_contracts.definitions.contract import ORDERS, RATES, Table
from segmentry.landing.files import (
    DeliveredFile,
    FileHead,
    LandingError,
    check_folder,
    delivered_files,
    read_head,
)


@dataclass(frozen=True)
class Batch:
    """Files of one table that are read together.

    is_retry: the files landed before, and only those of their rows are read that lie in
    quarantine by rules which other data or the clock may satisfy by now.
    loaded_at: when each file landed first, UTC; of new files, the time of this run.
    """

    source: str
    table: Table
    heads: tuple[FileHead, ...]
    loaded_at: tuple[datetime, ...]
    run_time: datetime
    is_retry: bool = False


@dataclass(frozen=True)
class TablePlan:
    """The batches of one table, in the order in which they land; files counts all delivered."""

    table: Table
    is_required: bool
    files: int
    batches: tuple[Batch, ...]
    warnings: tuple[str, ...]

    @property
    def new_files(self) -> int:
        return sum(len(batch.heads) for batch in self.batches if not batch.is_retry)


@dataclass(frozen=True)
class Plan:
    """The tables of one source in the order in which they land."""

    source: str
    tables: tuple[TablePlan, ...]
    folder_warnings: tuple[str, ...]


def plan_landing(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    tables: Sequence[Table],
    folders: Sequence[Path],
    run_time: datetime,
) -> Plan:
    """Compare what lies in `folders` with the ledger; the first one is the user's.

    Raises LandingError when a folder, a required table or a head is not as it must be.
    """
    by_entity = {table.entity: table for table in tables}
    required = {table.entity for table in tables if table.must_come} or set(by_entity)
    warnings = check_folder(folders[0], by_entity, required)
    return Plan(
        source,
        tuple(
            _plan_table(connection, source, table, folders, table.entity in required, run_time)
            for table in sorted(tables, key=_landing_order)
        ),
        # Where everything is required the folder is a data set as published: it may hold more.
        tuple(warnings) if len(required) < len(by_entity) else (),
    )


def _landing_order(table: Table) -> tuple[int, str]:
    """Rates before the orders that need them, orders before what refers to them."""
    return {RATES: 0, ORDERS: 1}.get(table.role, 2), table.name


def _plan_table(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    table: Table,
    folders: Sequence[Path],
    is_required: bool,
    run_time: datetime,
) -> TablePlan:
    landed = _landed_files(connection, source, table)
    waiting = _waiting_files(connection, source, table)
    files = [file for folder in folders for file in delivered_files(folder, table.entity)]
    heads: dict[str, FileHead] = {}
    warnings: list[str] = []
    for file in files:
        if file.digest in heads or (file.digest in landed and file.digest not in waiting):
            continue
        head = read_head(connection, table, file)
        if head is None:
            warnings.append(_empty_file(file, is_required))
            continue
        heads[file.digest] = head
        if file.digest not in landed:
            warnings += [_unknown_column(file, name) for name in head.unknown]
    new = tuple(head for digest, head in heads.items() if digest not in landed)
    again = tuple(head for digest, head in heads.items() if digest in landed)
    times = tuple(landed[head.file.digest] for head in again)
    retry = Batch(source, table, again, times, run_time, is_retry=True)
    first = Batch(source, table, new, (run_time,) * len(new), run_time)
    batches = tuple(batch for batch in (retry, first) if batch.heads)
    return TablePlan(table, is_required, len(files), batches, tuple(warnings))


def _landed_files(
    connection: duckdb.DuckDBPyConnection, source: str, table: Table
) -> Mapping[str, datetime]:
    """Digest of every file in the ledger -> when it landed first."""
    return dict(
        connection.execute(
            "select digest, min(loaded_at) from ops.loaded_files "
            "where source = ? and table_name = ? group by digest",
            [source, table.entity],
        ).fetchall()
    )


def _waiting_files(connection: duckdb.DuckDBPyConnection, source: str, table: Table) -> set[str]:
    """Digests of files with rows in quarantine by a rule that context can satisfy."""
    rows = connection.execute(
        "select distinct digest from ops.quarantined_rows "
        "where source = ? and table_name = ? and list_contains(?, rule)",
        [source, table.entity, context_rules(table)],
    ).fetchall()
    return {digest for (digest,) in rows}


def _unknown_column(file: DeliveredFile, name: str) -> str:
    return (
        f"{file.name}, column {name}: unknown column: kept in raw as text; "
        "add it to the contract to use it, or take it out of the file"
    )


def _empty_file(file: DeliveredFile, is_required: bool) -> str:
    remedy = "deliver it again, with a header and rows, or take it out of the folder"
    if is_required:
        raise LandingError(file.name, "empty file", "it has no bytes", remedy)
    return f"{file.name}: empty file: it has no bytes and was not read; {remedy}"
