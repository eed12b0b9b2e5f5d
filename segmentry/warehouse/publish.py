"""Serving: snapshots of the published tables that readers open while a run writes the warehouse.

A snapshot is a folder below `serving/` with one DuckDB file and one Parquet file per table. The
link `serving/current` names the newest. A reader that opened the snapshot before keeps it: the
last two stay on disk.
"""

import os
import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

import duckdb

DATABASE = "segmentry.duckdb"
NO_COMMENTS: Mapping[str, str] = MappingProxyType({})
CURRENT = "current"
KEPT = 2
# The newest storage version that DuckDB 1.2 and later can read.
STORAGE_VERSION = "v1.2.0"
# Where identifiers live: never in front of readers.
_PRIVATE = {"raw", "staging", "identity", "activation"}
_WITHOUT_IDENTIFIERS = {"identity.identity_audit"}
# An identity has one open row in the map; null for an identity that the map does not have.
_WITH_CUSTOMER = """
    select facts.*, owners.customer_id
    from {table} as facts
    left join identity.customer_identities as owners
        on owners.identity_id = facts.identity_id and owners.valid_to is null
"""
_UNFINISHED = ".unfinished-"
_TABLE = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def publish(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    tables: list[str],
    run_name: str,
    comments: Mapping[str, str] = NO_COMMENTS,
    of_customers: Collection[str] = (),
) -> Path:
    """Writes the snapshot `serving/<run_name>` and makes it the current one; returns its folder.

    `connection` has the warehouse open; `tables` are `schema.table` names in it. `comments` say
    what `schema.table` and `schema.table.column` mean, where an analyst's tool shows it.
    `of_customers` are facts with an `identity_id`: their rows get the `customer_id` of now. Readers
    see the former snapshot until the new one is complete. Raises ValueError on a name that is no
    `schema.table`, is private or is no folder name, and duckdb.CatalogException on a table that
    does not exist.
    """
    if not re.fullmatch(r"[\w][\w.-]*", run_name) or run_name == CURRENT:
        raise ValueError(f"{run_name!r} cannot name a snapshot folder")
    for table in tables:
        if not _TABLE.fullmatch(table):
            raise ValueError(f"{table!r} is not schema.table")
        if table.split(".")[0] in _PRIVATE and table not in _WITHOUT_IDENTIFIERS:
            raise ValueError(f"{table} may hold personal data and is not served")
    serving = home / "serving"
    serving.mkdir(parents=True, exist_ok=True)
    _remove_unfinished(serving)
    building = serving / f"{_UNFINISHED}{run_name}"
    building.mkdir()
    _write_snapshot(connection, building, tables, comments, of_customers)
    finished = _put_in_place(building, serving / run_name)
    _point_current_at(finished)
    _remove_old(serving)
    return finished


def _remove_unfinished(serving: Path) -> None:
    """Clears what a killed run left: half-written folders and a link not yet swapped in."""
    for leftover in serving.glob(f"{_UNFINISHED}*"):
        if leftover.is_symlink() or leftover.is_file():
            leftover.unlink()
        else:
            shutil.rmtree(leftover)


def _write_snapshot(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    tables: list[str],
    comments: Mapping[str, str],
    of_customers: Collection[str],
) -> None:
    # One transaction: all tables are of the same moment.
    cursor = connection.cursor()
    database = str(folder / DATABASE).replace("'", "''")
    cursor.execute(f"attach '{database}' as snapshot (storage_version '{STORAGE_VERSION}')")
    try:
        cursor.execute("begin")
        for schema in sorted({table.split(".")[0] for table in tables}):
            cursor.execute(f"create schema snapshot.{schema}")
        for table in tables:
            parquet = str(folder / f"{table}.parquet").replace("'", "''")
            rows = _WITH_CUSTOMER.format(table=table) if table in of_customers else f"from {table}"
            cursor.execute(f"create table snapshot.{table} as {rows}")
            cursor.execute(f"copy snapshot.{table} to '{parquet}' (format parquet)")
        for name, text in comments.items():
            kind = "column" if name.count(".") == 2 else "table"
            words = text.replace("'", "''")
            cursor.execute(f"comment on {kind} snapshot.{name} is '{words}'")
        cursor.execute("commit")
    except BaseException:
        cursor.execute("rollback")
        raise
    finally:
        cursor.execute("detach snapshot")
        cursor.close()


def _put_in_place(building: Path, wanted: Path) -> Path:
    """Renames the finished folder; a repeated run name gets a number, readers keep the first."""
    target, number = wanted, 1
    while target.exists():
        number += 1
        target = wanted.with_name(f"{wanted.name}-{number}")
    building.rename(target)
    return target


def _point_current_at(folder: Path) -> None:
    link = folder.parent / f"{_UNFINISHED}{CURRENT}"
    link.symlink_to(folder.name, target_is_directory=True)
    os.replace(link, folder.parent / CURRENT)


def _remove_old(serving: Path) -> None:
    """Keeps the newest snapshots, and the current one whatever its age."""
    current = (serving / CURRENT).resolve()
    snapshots = [path for path in serving.iterdir() if path.is_dir() and not path.is_symlink()]
    # The folder's own time is that of its last file: the order in which they were finished.
    newest_first = sorted(snapshots, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for snapshot in newest_first[KEPT:]:
        if snapshot.resolve() != current:
            shutil.rmtree(snapshot)
