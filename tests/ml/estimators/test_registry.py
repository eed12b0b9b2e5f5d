"""Every registered estimator: stored and read back it says the same, and its parts add up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from data_contracts.wording import candidates as words
from ml.estimators.base import Estimator
from ml.frames import FeatureTable, History, Rows
from ml.targets.candidates import (
    BLEND,
    CANDIDATES,
    CONSTANT,
    RULES,
    estimator_from_dict,
    fit_candidates,
)
from ml.targets.shared_btyd import FittedBtyd
from tests.ml.shop import TRAINED_AS_OF, Shop, make_shop, make_target

KINDS = ("probability", "amount", "count", "time")


@pytest.fixture(scope="module")
def small() -> Shop:
    """With the columns that BTYD models read."""
    shop = make_shop(customers=150, days=300)
    random = np.random.default_rng(0)
    known = shop.features["recency_days"].notna()
    orders = random.integers(1, 30, len(known)).astype(float)
    features = shop.features.assign(
        order_count=np.where(known, orders, np.nan),
        tenure_days=shop.features["recency_days"] + orders * 9.0,
        spend_amount=np.where(known, orders * 20.0, np.nan),
    )
    return Shop(features, shop.labels)


@pytest.fixture(scope="module", params=KINDS)
def fitted(request: pytest.FixtureRequest, small: Shop) -> tuple[dict[str, Estimator], Rows]:
    """Every candidate of one kind of target, and the rows that they were fitted on."""
    table = FeatureTable.from_frame(small.features)
    target = make_target("probability" if request.param == "probability" else "amount")
    history = History(table, small.labels, target)
    rows = history.rows([day.astype(object) for day in sorted(table.slices)[:6]])
    newest = max(table.slices).astype(object)
    answering = make_target(request.param, label="order_count = 0")
    btyd = FittedBtyd(table).at(min(newest, TRAINED_AS_OF), answering)
    return fit_candidates(request.param, table.features, rows.x, rows.y, btyd=btyd), rows


def test_every_registered_candidate_competes(fitted: tuple[dict[str, Estimator], Rows]) -> None:
    assert set(CANDIDATES) | {CONSTANT, BLEND} <= set(fitted[0])


def test_a_stored_candidate_says_the_same(fitted: tuple[dict[str, Estimator], Rows]) -> None:
    candidates, rows = fitted
    for name, model in candidates.items():
        again = estimator_from_dict(json.loads(json.dumps(model.to_dict())))
        np.testing.assert_array_equal(again.margin(rows.x), model.margin(rows.x), err_msg=name)


def test_contributions_add_up_to_the_margin(fitted: tuple[dict[str, Estimator], Rows]) -> None:
    candidates, rows = fitted
    x = rows.x[:200]
    for name, model in candidates.items():
        parts = model.contributions(x)
        assert parts.shape == (len(x), x.shape[1] + 1), name
        np.testing.assert_allclose(parts.sum(axis=1), model.margin(x), atol=1e-7, err_msg=name)


def test_every_candidate_has_words() -> None:
    assert {*CANDIDATES, *RULES, CONSTANT, BLEND} <= set(words.CANDIDATES)


def test_the_blend_starts_with_weights_that_sum_to_one(
    fitted: tuple[dict[str, Estimator], Rows],
) -> None:
    blend = fitted[0][BLEND]
    assert sum(blend.weights) == pytest.approx(1.0)
    assert dict(zip(blend.names, blend.weights, strict=True))["pareto_nbd"] == pytest.approx(0.25)
