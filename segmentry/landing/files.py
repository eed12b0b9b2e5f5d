"""Delivered files: which there are, what is in their head, and whether they can be read at all.

Everything here happens before the warehouse is touched. Not here: rows and the warehouse.
"""

import csv
import difflib
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb

from data_contracts.compiler.to_landing import LANDING_COLUMNS, text
from data_contracts.definitions.contract import Table

SUFFIXES = (".parquet", ".csv", ".csv.gz")
DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 20
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class LandingError(ValueError):
    """A structural break: nothing was landed. Says where, which rule and what to do."""

    def __init__(
        self,
        file: str,
        rule: str,
        problem: str,
        remedy: str,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        where = f", row {row}" if row is not None else ""
        where += f", column {column}" if column else ""
        super().__init__(f"{file}{where}: {rule}: {problem}; {remedy}. Nothing was landed.")
        self.file, self.rule, self.row, self.column = file, rule, row, column


@dataclass(frozen=True)
class DeliveredFile:
    """One file of one table: `name` is its path below the landing folder."""

    path: Path
    name: str
    digest: str
    byte_count: int

    @property
    def is_parquet(self) -> bool:
        return self.name.endswith(".parquet")


@dataclass(frozen=True)
class FileHead:
    """What the head of a file says: columns in their order, with their types.

    matched: contracted column -> its name in the file; unknown: names that no contract has.
    """

    file: DeliveredFile
    columns: tuple[tuple[str, str], ...]
    matched: dict[str, str]
    unknown: tuple[str, ...]
    delimiter: str = ","
    row_count: int | None = None


def delivered_files(landing: Path, entity: str) -> list[DeliveredFile]:
    """Files of one entity, by name: `<entity>.<suffix>` and everything in `<entity>/`."""
    paths = [landing / f"{entity}{suffix}" for suffix in SUFFIXES]
    folder = landing / entity
    if folder.is_dir():
        paths += [path for path in folder.iterdir() if path.name.endswith(SUFFIXES)]
    return [_delivered(path, landing) for path in sorted(paths) if path.exists()]


def _delivered(path: Path, landing: Path) -> DeliveredFile:
    name = path.relative_to(landing).as_posix()
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return DeliveredFile(path, name, digest, path.stat().st_size)
    except OSError as error:
        remedy = "give this user the right to read it, or take it out of the folder"
        raise LandingError(name, "unreadable file", str(error.strerror), remedy) from error


def check_folder(landing: Path, tables: dict[str, Table], required: set[str]) -> list[str]:
    """Warnings about what lies in the folder and belongs to no table.

    Raises LandingError when the folder is missing or a required table has no file in it.
    """
    if not landing.is_dir():
        problem = "there is no such folder" if not landing.exists() else "this is not a folder"
        raise LandingError(str(landing), "landing folder", problem, "name the folder of the files")
    warnings = []
    for path in sorted(landing.iterdir()):
        entity = path.name.split(".")[0]
        if path.name.startswith(".") or entity in tables:
            continue
        near = difflib.get_close_matches(entity, tables, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        warnings.append(f"{path.name}: not read, because no contract names it{hint}")
    for name in sorted(required):
        if not any((landing / f"{name}{s}").exists() for s in SUFFIXES) and not any(
            path.name.endswith(SUFFIXES) for path in _listed(landing / name)
        ):
            remedy = f"put files into {name}/ or {name}.csv, .csv.gz or .parquet beside it"
            listed = ", ".join(sorted(path.name for path in landing.iterdir())) or "nothing"
            problem = f"no {name} among: {listed[:300]}"
            raise LandingError(str(landing), f"landing folder without {name}", problem, remedy)
    return warnings


def _listed(folder: Path) -> Iterator[Path]:
    return folder.iterdir() if folder.is_dir() else iter(())


def read_head(
    connection: duckdb.DuckDBPyConnection, table: Table, file: DeliveredFile
) -> FileHead | None:
    """Read and check the head of one file; None when the file has no bytes."""
    if file.byte_count == 0:
        return None
    if file.is_parquet:
        columns, row_count = _parquet_head(connection, file)
        return _matched(table, file, columns, row_count=row_count)
    names, delimiter = _csv_head(table, file)
    return _matched(table, file, [(name, "VARCHAR") for name in names], delimiter)


def _parquet_head(
    connection: duckdb.DuckDBPyConnection, file: DeliveredFile
) -> tuple[list[tuple[str, str]], int]:
    path = text(file.path)
    try:
        rows = connection.execute(f"describe select * from read_parquet({path})").fetchall()
        count = connection.execute(f"select num_rows from parquet_file_metadata({path})").fetchone()
    except duckdb.Error as error:
        remedy = "write the file again, or give it the suffix of what it is"
        first = str(error).splitlines()[0]
        raise LandingError(file.name, "unreadable Parquet file", first, remedy) from error
    return [(name, kind) for name, kind, *_ in rows], int(count[0]) if count else 0


def open_csv(file: DeliveredFile) -> IO[bytes] | gzip.GzipFile:
    """The bytes of a CSV file, unpacked when it is gzipped."""
    if file.name.endswith(".gz"):
        return gzip.open(file.path, "rb")
    return file.path.open("rb")


def _csv_head(table: Table, file: DeliveredFile) -> tuple[list[str], str]:
    """Column names and the delimiter: the one under which most names are contracted."""
    try:
        with open_csv(file) as stream:
            head = stream.readline(HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        remedy = "pack the file again with gzip, or take .gz off its name"
        raise LandingError(file.name, "unreadable file", str(error), remedy) from error
    if head.startswith(UTF_16):
        raise wrong_encoding(file, "it starts like UTF-16")
    try:
        line = head.decode("utf-8-sig").split("\r")[0].rstrip("\n")
    except UnicodeDecodeError as error:
        raise wrong_encoding(
            file, f"byte {error.start + 1} of the header cannot be decoded"
        ) from error
    contracted = {column.name for column in table.columns}
    best: tuple[int, int, list[str], str] = (-1, 0, [], ",")
    for delimiter in DELIMITERS:
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        score = len(contracted & {name.lower() for name in names})
        if (score, len(names)) > best[:2]:
            best = (score, len(names), names, delimiter)
    return best[2], best[3]


def _matched(
    table: Table,
    file: DeliveredFile,
    columns: list[tuple[str, str]],
    delimiter: str = ",",
    row_count: int | None = None,
) -> FileHead:
    """Match the file's columns to the contract by name, upper or lower case."""
    by_name: dict[str, str] = {}
    for name, _ in columns:
        if name.lower() in by_name:
            remedy = "name every column once"
            raise LandingError(file.name, "columns", "given twice", remedy, column=name)
        by_name[name.lower()] = name
    contracted = {column.name for column in table.columns}
    _require_columns(table, file, by_name)
    unknown = tuple(by_name[name] for name in by_name if name not in contracted)
    for name in unknown:
        if name.lower() in LANDING_COLUMNS or not name:
            remedy = "give the column a name that landing does not use itself"
            raise LandingError(file.name, "columns", "reserved or empty name", remedy, column=name)
    matched = {name: by_name[name] for name in by_name if name in contracted}
    return FileHead(file, tuple(columns), matched, unknown, delimiter, row_count)


def _require_columns(table: Table, file: DeliveredFile, by_name: dict[str, str]) -> None:
    missing = [c.name for c in table.columns if c.required and c.name not in by_name]
    if not missing:
        return
    free = set(by_name) - {column.name for column in table.columns}
    near = {name: difflib.get_close_matches(name, sorted(free), 1, 0.5) for name in missing}
    hints = [f"{name} may be {by_name[match[0]]}" for name, match in near.items() if match]
    hint = f" ({'; '.join(hints)})" if hints else ""
    raise LandingError(
        file.name,
        "missing required column",
        f"the file has {', '.join(by_name.values())[:300]}",
        f"add or rename{hint} so that the first line names {', '.join(missing)}",
        column=", ".join(missing),
    )


def wrong_encoding(file: DeliveredFile, detail: str, row: int | None = None) -> LandingError:
    """The error for a text file that is not UTF-8."""
    remedy = f"convert it: iconv -f WINDOWS-1252 -t UTF-8 {file.path.name} (or -f UTF-16)"
    return LandingError(file.name, "wrong encoding", f"not UTF-8, {detail}", remedy, row)


def find_wrong_byte(file: DeliveredFile) -> LandingError:
    """Say where the first byte is that is not UTF-8; rows are counted by lines."""
    offset = 0
    with open_csv(file) as stream:
        for number, line in enumerate(stream):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                detail = f"byte {offset + error.start + 1} is 0x{line[error.start]:02x}"
                return wrong_encoding(file, detail, number)
            offset += len(line)
    return wrong_encoding(file, "a byte of it cannot be decoded")
