"""Where the data say too little, the target says so and why, and nothing is trained."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data_contracts.definitions.target import Target
from ml.targets.training import TrainedTarget
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target, train_target


def train(shop: Shop, target: Target, labels: pd.DataFrame | None = None) -> TrainedTarget:
    known = shop.labels if labels is None else labels
    trained = train_target(shop.features, known, target, TRAINED_AS_OF, HISTORY_START)
    assert trained.status == "not_enough_data"
    assert trained.model is None
    return trained


def with_positives(shop: Shop, count: int) -> pd.DataFrame:
    """The labels of churn_28d with so many positives at every date."""
    mine = shop.labels[shop.labels["target"] == "churn_28d"].copy()
    place = mine.groupby("as_of_date").cumcount()
    mine["label"] = np.where(mine["label"].isna(), np.nan, (place < count).astype(float))
    return mine


def test_forty_positives_are_too_few(shop: Shop) -> None:
    trained = train(shop, make_target(), with_positives(shop, 40))
    assert "40 positives, 100 needed" in trained.reason


@pytest.mark.parametrize(("count", "word"), [(0, "never"), (10_000, "always")])
def test_a_label_that_is_always_or_never_true_is_told(shop: Shop, count: int, word: str) -> None:
    trained = train(shop, make_target(), with_positives(shop, count))
    assert f"the label of churn_28d is {word} true" in trained.reason


def test_a_population_of_nobody_is_told_with_its_condition(shop: Shop) -> None:
    target = make_target(name="renewal", population="active_subscriptions_count > 0")
    reason = train(shop, target).reason
    assert "nobody is in the population of renewal: active_subscriptions_count > 0" in reason


def test_a_horizon_longer_than_the_history_is_told(shop: Shop) -> None:
    reason = train(shop, make_target(name="churn_364d", horizon_days=364)).reason
    assert reason.startswith("history is too short for churn_364d")


def test_of_a_time_those_who_came_count_as_positives() -> None:
    labels = np.array([3.0, 27.0, 28.0, 28.0])
    target = make_target(name="next_order_days", kind="time", metric="mae")
    assert target.happened(labels).tolist() == [True, True, False, False]
    assert make_target().happened(np.array([0.0, 1.0])).tolist() == [False, True]
