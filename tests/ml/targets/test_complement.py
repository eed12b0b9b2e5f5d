"""Targets that ask the opposite of each other: one is fitted, the other derived from it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from ml.frames import FeatureTable
from ml.targets.candidates import estimator_from_dict
from ml.targets.complement import find_complements
from ml.targets.training import TrainedTarget, train_targets
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target

STAYS = dataclasses.replace(make_target(), name="stays", question="Will this customer stay?")


@pytest.fixture(scope="module")
def labels(shop: Shop) -> pd.DataFrame:
    """Those of churn, and of the opposite."""
    mine = shop.labels[shop.labels["target"] == make_target().name]
    opposite = mine.assign(target="stays", label=1.0 - mine["label"].astype(float))
    return pd.concat([mine, opposite], ignore_index=True)


@pytest.fixture(scope="module")
def trained(shop: Shop, labels: pd.DataFrame) -> dict[str, TrainedTarget]:
    """Both targets, trained together."""
    targets = [make_target(), STAYS]
    return train_targets(shop.features, labels, targets, TRAINED_AS_OF, HISTORY_START)


def test_only_labels_that_always_add_up_to_one_are_opposites(labels: pd.DataFrame) -> None:
    targets = [make_target(), STAYS]
    assert find_complements(labels, targets) == {"stays": make_target().name}
    one = labels.index[labels["label"].notna()][-1]
    changed = labels.assign(label=labels["label"].where(labels.index != one, 1 - labels["label"]))
    assert not find_complements(changed, targets)
    assert not find_complements(labels.drop(index=one), targets)
    longer = dataclasses.replace(STAYS, horizon_days=STAYS.horizon_days + 7)
    assert not find_complements(labels, [make_target(), longer])


def test_opposite_chances_add_up_to_one_for_every_customer(
    shop: Shop, trained: dict[str, TrainedTarget]
) -> None:
    x = FeatureTable.from_frame(shop.features).x
    models = [result.model for result in trained.values()]
    scores = [model.score(x) for model in models if model is not None]
    assert len(scores) == 2
    np.testing.assert_allclose(scores[0] + scores[1], 1.0, atol=1e-9)


def test_a_derived_model_is_explained_and_stored_as_any_other(
    shop: Shop, trained: dict[str, TrainedTarget]
) -> None:
    x = FeatureTable.from_frame(shop.features).x[:50]
    model = trained["stays"].model
    assert model is not None
    np.testing.assert_allclose(
        model.estimator.contributions(x).sum(axis=1), model.estimator.margin(x), atol=1e-6
    )
    again = estimator_from_dict(model.estimator.to_dict())
    np.testing.assert_array_equal(again.margin(x), model.estimator.margin(x))


def test_a_derived_target_has_the_tests_of_the_other_turned_round(
    shop: Shop, labels: pd.DataFrame, trained: dict[str, TrainedTarget]
) -> None:
    alone = train_targets(shop.features, labels, [STAYS], TRAINED_AS_OF, HISTORY_START)["stays"]
    derived = trained["stays"]
    assert derived.backtest.choices == alone.backtest.choices
    keys = ["as_of_date", "split", "candidate", "metric"]
    both = derived.backtest.metrics.merge(alone.backtest.metrics, on=keys, suffixes=("", "_alone"))
    assert len(both) == len(derived.backtest.metrics)
    # Trees that are fitted on the opposite labels differ in the last digits of their splits.
    close = (both["value"] - both["value_alone"]).abs() <= 0.01 + 0.02 * both["value_alone"].abs()
    assert close.mean() > 0.95
