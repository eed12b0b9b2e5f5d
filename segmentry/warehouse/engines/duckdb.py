"""DuckDB: the only module that opens its databases, and how Arrow and pandas become relations."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from segmentry.home import ConfigurationError

RETRY_SECONDS = 0.5
# The dialect of this engine's SQL, by sqlglot's name.
DIALECT = "duckdb"


def open_file(path: Path, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    """Open a database to read and write; wait for a program that opened it without our lock.

    Raises ConfigurationError, naming the process, when it is still open after `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            connection = duckdb.connect(str(path))
            connection.execute("set enable_progress_bar = false")
            return connection
        except duckdb.IOException as error:
            if "Could not set lock" not in str(error):
                raise
            if time.monotonic() >= deadline:
                process = re.search(r"PID \d+", str(error))
                raise ConfigurationError(
                    f"{path} is open in another program"
                    f" ({process.group() if process else 'unknown'}); close it there, and let "
                    "it read serving/current/segmentry.duckdb, which a run never waits for"
                ) from error
        time.sleep(RETRY_SECONDS)


def open_read_only(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database that nobody writes, such as a snapshot; many may read it at once."""
    return duckdb.connect(str(path), read_only=True)


def open_in_memory() -> duckdb.DuckDBPyConnection:
    """An empty database that ends with its connection: for SQL over frames alone."""
    return duckdb.connect()


@contextmanager
def relations(connection: duckdb.DuckDBPyConnection, **frames: object) -> Iterator[None]:
    """Let SQL read pandas or Arrow tables by the names of the arguments, within the block."""
    for name, frame in frames.items():
        connection.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            # A transaction that failed lets nothing be dropped; its own error is the one to see.
            with suppress(duckdb.TransactionException):
                connection.unregister(name)
