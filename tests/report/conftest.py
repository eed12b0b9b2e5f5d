"""A full sample, a tiny one and an empty one, their pages, and a browser to open them."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from orchestration.report import build_report

from .sample import build_sample, build_tiny
from .sample_models import FEATURES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# No sandbox inside a container; and nothing that a browser does by itself over the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("sample") / "segmentry.duckdb")


@pytest.fixture(scope="session")
def pages(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page over a full, a tiny and an empty serving database."""
    folder = tmp_path_factory.mktemp("pages")
    tiny = build_tiny(folder / "tiny.duckdb")
    empty = folder / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    databases = {"full": sample_database, "tiny": tiny, "empty": empty}
    return {
        name: build_report(database, folder / f"{name}.html", FEATURES)
        for name, database in databases.items()
    }


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """Debian's Chromium; a missing one skips the test, except where CI=true."""
    executable = shutil.which("chromium")
    if executable is None:
        message = "chromium is not installed (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()
