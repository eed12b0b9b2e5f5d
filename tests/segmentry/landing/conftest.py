"""A landing folder and a warehouse in memory for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.segmentry.landing.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    found = Shop(tmp_path)
    yield found
    found.connection.close()
