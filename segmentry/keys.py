"""The SQL function `keyed_hash(text)`: what turns an identifier into an id nobody can reverse.

It is also a dbt-duckdb plugin, so dbt's connections know the function. The key lies outside
home: without it, the ids of a copied warehouse cannot be linked to the people behind them.
Not here: which columns are hashed (that is SQL, in dbt_project/models/identity).
"""

import base64
import hmac
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin

ID_BYTES = 9  # 72 bits, 12 characters: DuckDB keeps strings of up to 12 characters inline
ID_LENGTH = 12
ALTERNATIVES = b"ab"  # letters for + and /, which tools that split ids or build URLs trip over


def key_path() -> Path:
    """Where the generated key lies when SEGMENTRY_KEY is not set."""
    config = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(config) / "segmentry" / "key"


def load_key() -> bytes:
    """The secret key: SEGMENTRY_KEY, or the key file, made on first use with mode 0600.

    Raises ValueError when the key is too short to protect anything.
    """
    key = os.environ.get("SEGMENTRY_KEY")
    if key is None:
        path = key_path()
        _create_once(path)
        key = path.read_text(encoding="ascii").strip()
    if len(key) < 16:
        raise ValueError("The key (SEGMENTRY_KEY or its file) must have 16 characters or more.")
    return key.encode()


def _create_once(path: Path) -> None:
    """Write a new key unless one is there: linking is atomic, so two first runs agree."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def keyed_hash(text: str, key: bytes) -> str:
    """HMAC-SHA256 of `text`, its first 72 bits as 12 base64 characters."""
    digest = hmac.digest(key, text.encode(), "sha256")
    return base64.b64encode(digest[:ID_BYTES], ALTERNATIVES).decode("ascii")


def hash_column(key: bytes) -> Callable[[pa.Array], pa.Array]:
    """`keyed_hash` over an Arrow column, in half the time; null stays null."""
    keyed = hmac.new(key, digestmod="sha256")

    def digest(text: str) -> bytes:
        started = keyed.copy()
        started.update(text.encode())
        return started.digest()[:ID_BYTES]

    def hashed(column: pa.Array) -> pa.Array:
        digests = b"".join([digest(text) for text in column.drop_null().to_pylist()])
        ids = base64.b64encode(digests, ALTERNATIVES).decode("ascii")
        starts = iter(range(0, len(ids), ID_LENGTH))
        present = column.is_valid().to_pylist()
        return pa.array(
            [
                ids[(at := next(starts)) : at + ID_LENGTH] if is_there else None
                for is_there in present
            ],
            pa.string(),
        )

    return hashed


def register(connection: Any, key: bytes | None = None) -> None:
    """Make `keyed_hash` known to a DuckDB connection and its cursors."""
    connection.create_function(
        "keyed_hash",
        hash_column(key or load_key()),
        ["VARCHAR"],
        "VARCHAR",
        type="arrow",
        null_handling="special",
    )


class Plugin(BasePlugin):
    """What dbt-duckdb loads by the name of this module."""

    def configure_connection(self, conn: Any) -> None:
        register(conn)
