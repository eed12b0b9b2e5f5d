"""The shop that most model tests share."""

from __future__ import annotations

import pytest

from tests.ml.shop import Shop, make_shop


@pytest.fixture(scope="session")
def shop() -> Shop:
    """Treat it as read-only."""
    return make_shop()
