"""An older release of DuckDB beside the installed one, fetched once and kept in pytest's cache."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

OLDER = "duckdb==1.2.2"


@pytest.fixture(scope="session")
def older_duckdb(pytestconfig: pytest.Config) -> Path:
    """A folder for PYTHONPATH; skips where no package index answers, except where CI=true."""
    cached = Path(pytestconfig.cache.mkdir("older-duckdb")) / OLDER.replace("==", "-")
    if cached.exists():
        return cached
    arriving = cached.with_name(f"{cached.name}.{os.getpid()}")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--only-binary", ":all:"]
    result = subprocess.run(
        [*command, "--target", str(arriving), OLDER], capture_output=True, text=True, check=False
    )
    if result.returncode:
        shutil.rmtree(arriving, ignore_errors=True)
        message = f"{OLDER} could not be fetched: {result.stderr.strip()[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    arriving.rename(cached)
    return cached
