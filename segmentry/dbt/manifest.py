"""dbt's manifest for Dagster: parsed again only when the project says something else."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from segmentry.dbt.invoke import run_dbt
from segmentry.home import DBT_PROJECT, ConfigurationError, Home

PARSED_FOLDERS = ("models", "macros", "tests")


def manifest_path(home: Home) -> Path:
    """The manifest of `home`, parsed if needed. Raises ConfigurationError when dbt cannot."""
    path = home.dbt / "target" / "manifest.json"
    parsed = path.with_name("manifest.sources")
    digest = _digest_sources()
    if not path.exists() or not parsed.exists() or parsed.read_text() != digest:
        _read(home.root, digest)
        parsed.write_text(digest)
    return path


def _digest_sources() -> str:
    """Of what the files say, not of their age: a home may be copied, a project checked out anew."""
    files = [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml"]
    for folder in PARSED_FOLDERS:
        files += (path for path in (DBT_PROJECT / folder).rglob("*") if path.is_file())
    digest = hashlib.sha256()
    for path in sorted(path for path in files if path.exists()):
        digest.update(f"{path.relative_to(DBT_PROJECT)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def project_of(home: Home) -> Any:
    """The project as dbt has read it for this home, once in a process while no file changes."""
    return _read(home.root, _digest_sources())


@lru_cache(1)
def _read(root: Path, _digest: str) -> Any:
    return _parse(Home(root))


def _parse(home: Home) -> Any:
    home.create()
    done = run_dbt(home, ["--quiet", "parse"])
    if not done.is_successful:
        raise ConfigurationError(f"dbt cannot parse {DBT_PROJECT.name}: {done.error}")
    return done.manifest
