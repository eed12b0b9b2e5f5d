"""Every estimator is registered, comes back from its stored content, and its parts add up."""

import importlib
import json
import pkgutil
from collections.abc import Callable

import numpy as np
import pytest

import ml.estimators
from ml.estimators.base import Constant, Estimator
from ml.estimators.boosting import BoostedTrees
from ml.estimators.btyd.models import INPUTS, BuyTillYouDie, Inputs
from ml.estimators.by_history import ByHistory
from ml.estimators.by_recency import ByRecency
from ml.estimators.combining import Blend, OnColumns, Opposite, Scaled, Stretched
from ml.estimators.linear import Carry, LinearModel
from ml.targets.candidates import estimator_from_dict


def customers(count: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Features in the order of INPUTS, and what each customer spends next."""
    rng = np.random.default_rng(5)
    tenure = rng.integers(30, 300, count)
    orders = 1 + rng.poisson(rng.gamma(0.6, 3.0, count))
    recency = np.where(orders > 1, rng.integers(0, tenure), tenure)
    spend = orders * rng.gamma(5.0, 6.0, count)
    x = np.column_stack([recency, orders, tenure, spend]).astype(np.float32)
    return x, np.round(spend / 4 * (recency < 60) * rng.random(count), 2)


X, AMOUNT = customers()
SPEND = INPUTS.index("spend_amount")


def buyers(kind: str) -> BuyTillYouDie:
    return BuyTillYouDie("pareto_nbd", kind, 91, Inputs.find(INPUTS)).fit(X, AMOUNT)


def scaled() -> Scaled:
    factor = LinearModel("log", strength=1.0)
    return Scaled(Carry(SPEND).fit(X, AMOUNT), SPEND, factor).fit_factor(X, AMOUNT)


def blend() -> Blend:
    members = [Carry(SPEND).fit(X, AMOUNT), buyers("amount")]
    return Blend(["carry", "buyers"], members, [0.75, 0.25])


MADE: dict[type, Callable[[], Estimator]] = {
    Constant: lambda: Constant("amount").fit(X, AMOUNT),
    LinearModel: lambda: LinearModel("logit").fit(X, (AMOUNT > 0).astype(float)),
    Carry: lambda: Carry(SPEND).fit(X, AMOUNT),
    BoostedTrees: lambda: BoostedTrees("binary", seed=1).fit(X, (AMOUNT > 0).astype(float)),
    BuyTillYouDie: lambda: buyers("amount"),
    Scaled: scaled,
    Blend: blend,
    Opposite: lambda: Opposite(LinearModel("logit").fit(X, (AMOUNT > 0).astype(float))),
    ByHistory: lambda: ByHistory(
        LinearModel("logit"), INPUTS.index("tenure_days"), [(SPEND, 364)], [], [1]
    ).fit(X, (AMOUNT > 0).astype(float)),
    ByRecency: lambda: ByRecency(
        Carry(SPEND).fit(X, AMOUNT), "amount", INPUTS.index("recency_days"), [-0.2, 0.0, 0.7]
    ),
    OnColumns: lambda: OnColumns(
        np.array([1, SPEND], dtype=np.intp), Carry(1).fit(X[:, [1, SPEND]], AMOUNT)
    ),
    Stretched: lambda: Stretched(Carry(SPEND).fit(X, AMOUNT), buyers("count"), 28),
}


def written() -> set[type]:
    """Every class of ml/estimators that says what each feature adds to its margin."""
    found: set[type] = set()
    for module in pkgutil.walk_packages(ml.estimators.__path__, "ml.estimators."):
        for one in vars(importlib.import_module(module.name)).values():
            own = isinstance(one, type) and one.__module__ == module.name
            if own and hasattr(one, "margin") and hasattr(one, "contributions"):
                found.add(one)
    return {one for one in found if not getattr(one, "_is_protocol", False)}


def test_every_estimator_that_is_written_is_tried_here():
    forgotten = sorted(one.__name__ for one in written() - MADE.keys())
    assert not forgotten, f"add {forgotten} to MADE in {__name__}, and to estimator_from_dict"


@pytest.mark.parametrize("kind", MADE, ids=lambda kind: kind.__name__)
def test_a_stored_estimator_says_the_same_and_its_contributions_add_up(kind):
    fitted = MADE[kind]()
    margin = fitted.margin(X)
    assert np.isfinite(margin).all()
    parts = fitted.contributions(X)
    assert parts.shape == (len(X), X.shape[1] + 1)
    np.testing.assert_allclose(parts.sum(axis=1), margin, atol=1e-6)
    content = json.loads(json.dumps(fitted.to_dict()))
    stored = estimator_from_dict(content)
    assert type(stored) is kind
    np.testing.assert_allclose(stored.margin(X), margin, atol=1e-12)
    assert json.loads(json.dumps(stored.to_dict())) == content
