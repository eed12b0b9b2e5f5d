"""One model learns from pairs of customer and value; each value has figures of its own."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable, History
from ml.targets.model import FittedModel
from ml.targets.pooled import for_value, value_tables, with_references
from ml.targets.training import MAX_PAIRS, Pairs, TrainedTarget, TrainingInputs, train_targets
from tests.ml.shop import make_target

START, DAY = date(2024, 1, 1), date(2024, 12, 30)
# Whole steps back from the day of training, and from the test that all targets share.
BACK = sorted({28 * step for step in range(8)} | {91 + 28 * step for step in range(5)})
VALUES = {"tea": 1.0, "jam": 0.5, "salt": 0.0}
TARGET = make_target(name="bought_28d", label="category_order_count > 0")
COPIES = {value: make_target(name=f"bought_{value}_28d", category=value) for value in VALUES}


class Learned(NamedTuple):
    """Pairs of a shop in which people buy of a value as often as they did, and what was learned."""

    features: FeatureTable
    labels: pd.DataFrame
    values: NDArray[np.object_]
    trained: TrainedTarget


@pytest.fixture(scope="module")
def learned() -> Learned:
    random = np.random.default_rng(5)
    rows = []
    for value, liked in VALUES.items():
        taste = random.beta(0.5, 2.0, 250) * liked * 2
        for back in BACK:
            day = DAY - timedelta(days=back)
            bought = random.random(250) < np.minimum(taste, 1)
            counts = random.binomial(10, np.minimum(taste, 1))
            rows += [
                (f"customer{n:03d}/{value}", day, float(counts[n]), random.random(), bought[n])
                for n in range(250)
            ]
    frame = pd.DataFrame(rows, columns=["customer_id", "as_of_date", "count", "noise", "label"])
    labels = frame[["customer_id", "as_of_date", "label"]].assign(target=TARGET.name)
    labels["label"] = labels["label"].astype(float).where(labels["as_of_date"] < DAY)
    table = FeatureTable.from_frame(frame.drop(columns="label"))
    inputs = TrainingInputs.of(table, labels, DAY, START, 0, MAX_PAIRS)
    values = np.asarray([name.split("/")[1] for name in table.customer_ids], dtype=object)
    return Learned(table, labels, values, inputs.train(TARGET))


def model_of(learned: Learned) -> FittedModel:
    assert learned.trained.model is not None, learned.trained.reason
    now = learned.features.at(DAY)
    score = learned.trained.model.score(learned.features.x[now])
    return with_references(learned.trained.model, score, learned.values[now])


def test_a_percentile_is_among_the_customers_of_the_same_value(learned: Learned) -> None:
    model, now = model_of(learned), learned.features.at(DAY)
    for value in VALUES:
        own = for_value(model, value, f"bought_{value}_28d")
        score = own.score(learned.features.x[now][learned.values[now] == value])
        assert own.target == f"bought_{value}_28d"
        assert own.percentile(score).mean() == pytest.approx(0.5, abs=0.01)
    everybody = model.percentile(own.score(learned.features.x[now][learned.values[now] == "tea"]))
    assert everybody.mean() > 0.6, "tea is bought most"


def test_a_value_that_leads_only_lately_is_read_against_all_pairs(learned: Learned) -> None:
    model = model_of(learned)
    assert np.array_equal(for_value(model, "pepper", "p").reference, model.reference)


def test_a_stored_model_keeps_what_it_knows_of_values(learned: Learned) -> None:
    model = model_of(learned)
    again = FittedModel.from_dict(model.to_dict())
    assert again.references.keys() == model.references.keys() == VALUES.keys()
    assert np.array_equal(again.references["jam"], model.references["jam"])
    assert "references" not in learned.trained.model.to_dict()  # type: ignore[union-attr]


def test_the_figures_of_a_value_are_those_of_its_own_pairs(learned: Learned) -> None:
    """Against scikit-learn, on the pairs of the value alone."""
    backtest, copies = learned.trained.backtest, COPIES
    tables = value_tables(learned.trained, learned.features, learned.labels, copies, learned.values)
    history = History(learned.features, learned.labels, TARGET)
    checked = 0
    for value, (metrics, curves) in zip(copies, tables, strict=True):
        for origin, chosen in backtest.choices.items():
            exam, rows = backtest.exams[origin], history.rows([origin])
            assert exam is not None
            assert chosen is not None
            own = np.char.endswith(rows.customer_ids.astype(str), value)
            mine = metrics[(metrics["as_of_date"] == origin) & metrics["is_chosen"]]
            told = dict(zip(mine["metric"], mine["value"], strict=True))
            if rows.y[own].min() == rows.y[own].max():
                assert not told, "nobody buys salt: there is nothing to tell apart"
                continue
            score = exam.scores[chosen][own]
            assert told["auc"] == pytest.approx(roc_auc_score(rows.y[own], score))
            assert told["brier"] == pytest.approx(brier_score_loss(rows.y[own], score))
            assert set(mine["target"]) == {f"bought_{value}_28d"}
            assert set(mine["customer_count"]) == {250}
            checked += 1
        assert value == "salt" or len(curves)
    assert checked == 2 * len(backtest.choices) >= 4


def test_pairs_are_learned_beside_the_targets_of_customers(learned: Learned) -> None:
    """The same model as alone, whatever else is trained in the same call."""
    target: Target = make_target(name="churn_28d")
    random = np.random.default_rng(1)
    customers = pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(50)],
            "as_of_date": pd.Timestamp(DAY),
            "orders": random.random(50),
        }
    )
    nothing = pd.DataFrame(columns=["customer_id", "as_of_date", "target", "label"])
    pairs = [Pairs(TARGET, learned.features, learned.labels)]
    trained = train_targets(customers, nothing, [target], DAY, START, pairs=pairs)
    assert set(trained) == {"churn_28d", "bought_28d"}
    assert trained["churn_28d"].model is None
    beside, alone = trained["bought_28d"].model, learned.trained.model
    assert beside is not None
    assert alone is not None
    assert beside.to_dict() == alone.to_dict()
