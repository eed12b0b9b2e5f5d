"""dbt's manifest for Dagster: parsed again only when the project is newer than the last parse."""

from pathlib import Path

from orchestration.dbt_run import run_dbt
from orchestration.home import DBT_PROJECT, ConfigurationError, Home

PARSED_FOLDERS = ("models", "macros", "tests")


def manifest_path(home: Home) -> Path:
    """The manifest of `home`, parsed if needed. Raises ConfigurationError when dbt cannot."""
    path = home.dbt / "target" / "manifest.json"
    if not path.exists() or path.stat().st_mtime < _newest_source():
        _parse(home)
    return path


def _newest_source() -> float:
    files = [DBT_PROJECT / "dbt_project.yml", DBT_PROJECT / "profiles.yml"]
    for folder in PARSED_FOLDERS:
        files += (path for path in (DBT_PROJECT / folder).rglob("*") if path.is_file())
    return max(path.stat().st_mtime for path in files if path.exists())


def _parse(home: Home) -> None:
    home.create()
    done = run_dbt(home, ["--quiet", "parse"])
    if not done.is_successful:
        raise ConfigurationError(f"dbt cannot parse {DBT_PROJECT.name}: {done.error}")
