"""A home with stored models, built once and copied for every test that writes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from segmentry.home import Home
from segmentry.warehouse.door import Warehouse
from tests.segmentry.model_home import build_home


@pytest.fixture(scope="session")
def model_home_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Treat it as read-only."""
    root = tmp_path_factory.mktemp("models") / "home"
    build_home(root)
    return root


@pytest.fixture
def warehouse(model_home_template: Path, tmp_path: Path) -> Warehouse:
    """A copy of one's own."""
    shutil.copytree(model_home_template, tmp_path / "home")
    return Warehouse(Home(tmp_path / "home"))
