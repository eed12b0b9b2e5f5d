"""Features that say nothing are named and left out; one that says everything is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable
from ml.targets.promotion import decide_target_promotion
from ml.targets.training import TrainedTarget
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target, train_target


def train(shop: Shop, target: Target) -> TrainedTarget:
    return train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)


def with_future(shop: Shop, target: Target, told: pd.Series) -> Shop:
    """The shop with a feature `next_visit_days` that was filled from the labels' window."""
    mine = shop.labels[shop.labels["target"] == target.name]
    future = mine[["customer_id", "as_of_date"]].assign(next_visit_days=told.loc[mine.index])
    features = shop.features.merge(future, how="left", on=["customer_id", "as_of_date"])
    return Shop(features, shop.labels)


@pytest.mark.parametrize("kind", ["probability", "amount"])
def test_a_feature_from_the_future_is_refused_by_name(shop: Shop, kind: str) -> None:
    target = make_target(kind)
    random = np.random.default_rng(3)
    noise = random.normal(0, 0.01, len(shop.labels))
    trained = train(with_future(shop, target, shop.labels["label"] + noise), target)
    assert (trained.status, trained.model) == ("kept_out", None)
    assert "leak suspected: next_visit_days alone tells the outcome" in trained.reason
    assert "trusted_features" in trained.reason


@pytest.mark.parametrize("shape", ["null_unless", "middle"])
def test_a_leak_is_found_whatever_its_shape(shop: Shop, shape: str) -> None:
    target = make_target()
    happens = shop.labels["label"] > 0
    random = np.random.default_rng(3)
    sides = pd.Series(random.choice([-5.0, 5.0], len(happens)), happens.index)
    told = sides.where(happens) if shape == "null_unless" else sides
    if shape == "middle":
        told = told.mask(happens, 0.0)
    told = told.mask(shop.labels["label"].isna())
    trained = train(with_future(shop, target, told), target)
    assert "next_visit_days" in trained.reason
    assert trained.model is None


def test_a_feature_that_the_target_trusts_may_tell_the_label(shop: Shop) -> None:
    target = make_target(trusted_features=("next_visit_days",))
    trained = train(with_future(shop, target, shop.labels["label"]), target)
    assert trained.status == "ok"


def test_a_label_without_any_pattern_promotes_nobody(shop: Shop) -> None:
    random = np.random.default_rng(8)
    labels = shop.labels.copy()
    for _, rows in labels.groupby(["target", "as_of_date"]).groups.items():
        labels.loc[rows, "label"] = random.permutation(labels.loc[rows, "label"])
    for target in (make_target(), make_target("amount")):
        trained = train(Shop(shop.features, labels), target)
        promotion = decide_target_promotion(
            trained, None, FeatureTable.from_frame(shop.features), labels
        )
        assert not promotion.is_promoted
        assert "not surely better than always saying the mean" in promotion.reason


def test_features_that_say_nothing_are_dropped_and_recorded(shop: Shop) -> None:
    features = shop.features.copy()
    features["endless_ratio"] = np.where(features.index % 7 == 0, np.inf, 1.0 * features.index)
    trained = train(Shop(features, shop.labels), make_target())
    assert trained.model is not None
    assert trained.model.parameters["dropped_features"] == {
        "constant_count": "constant",
        "unknown_rate": "all null",
        "endless_ratio": "infinite",
    }
    position = trained.model.features.index("endless_ratio")
    x = np.nan_to_num(trained.model.matrix(features))
    changed = x.copy()
    changed[:, position] = 9.0
    np.testing.assert_array_equal(trained.model.score(x), trained.model.score(changed))
