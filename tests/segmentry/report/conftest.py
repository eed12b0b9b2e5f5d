"""A full sample, a tiny one and an empty one, and their pages."""

from pathlib import Path

import duckdb
import pytest

from segmentry.report import build_report

from .sample import build_sample, build_tiny


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_sample(tmp_path_factory.mktemp("sample") / "segmentry.duckdb")


@pytest.fixture(scope="session")
def pages(sample_database: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The front page over a full, a tiny and an empty serving database, each in its own folder."""
    folder = tmp_path_factory.mktemp("pages")
    tiny = build_tiny(folder / "tiny.duckdb")
    empty = folder / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    databases = {"full": sample_database, "tiny": tiny, "empty": empty}
    return {
        name: build_report(database, folder / name / "index.html")
        for name, database in databases.items()
    }
