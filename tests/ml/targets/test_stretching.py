"""A horizon that history is too short to learn borrows the model of a shorter one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from ml.estimators.btyd.models import INPUTS, BuyTillYouDie, Inputs
from ml.estimators.combining import Stretched
from ml.estimators.linear import Carry
from ml.frames import FeatureTable, History
from ml.targets.backtest import stretch_report
from ml.targets.candidates import estimator_from_dict
from ml.targets.exam import Exam
from ml.targets.model import FittedModel
from ml.targets.promotion import decide_target_promotion
from ml.targets.shared_btyd import FittedBtyd
from ml.targets.stretching import STRETCHED, exam_origin, shorter_target, try_stretch
from ml.targets.training import TrainedTarget, train_targets
from tests.ml.shop import make_target
from tests.worlds import START, shop_orders

FIRST_DAY = START.date()
SHORT = make_target("amount", name="spend_28d", label="spend_amount", metric="rmse")
LONG = replace(SHORT, name="spend_280d", horizon_days=280)
LONGER = replace(SHORT, name="spend_364d", horizon_days=364)
NOW = FIRST_DAY + timedelta(days=300)


def seen_at(orders: pd.DataFrame, day: date, days_ahead: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features of whoever had ordered by a day, and what they spent in the days after."""
    now = pd.Timestamp(day)
    past = orders[orders["ordered_at"] < now].groupby("source_customer_id")
    first, last = (getattr(past["ordered_at"], end)().dt.normalize() for end in ("min", "max"))
    features = pd.DataFrame(
        {
            "as_of_date": day,
            "recency_days": (now - last).dt.days.astype(float),
            "order_count": past.size().astype(float),
            "tenure_days": (now - first).dt.days.astype(float),
            "spend_amount": past["order_amount"].sum(),
        }
    )
    ends = now + pd.Timedelta(days=days_ahead)
    later = orders[(orders["ordered_at"] >= now) & (orders["ordered_at"] < ends)]
    spent = later.groupby("source_customer_id")["order_amount"].sum().reindex(features.index)
    labels = pd.DataFrame({"as_of_date": day, "target": "spend_28d", "label": spent.fillna(0.0)})
    names = (frame.rename_axis("customer_id").reset_index() for frame in (features, labels))
    return tuple(names)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features and mature labels of 28 days at every fourth week, and at NOW whom to ask."""
    orders = shop_orders()
    days = [NOW - timedelta(days=28 * back) for back in range(9)]
    parts = [seen_at(orders, day, 28) for day in days]
    asked = parts[0][1].assign(label=np.nan)
    labels = [asked, asked.assign(target="spend_280d"), *(part[1] for part in parts[1:])]
    return pd.concat([part[0] for part in parts]), pd.concat(labels)


@pytest.fixture(scope="module")
def trained(world: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, TrainedTarget]:
    features, labels = world
    return train_targets(features, labels, [SHORT, LONG, LONGER], NOW, FIRST_DAY)


def test_the_longest_target_that_asks_the_same_is_taken() -> None:
    others = [
        SHORT,
        replace(SHORT, name="spend_91d", question="?", metric="mae", horizon_days=91),
        replace(SHORT, name="orders_182d", kind="count", horizon_days=182),
        replace(SHORT, name="lapsed_182d", population="recency_days > 91", horizon_days=182),
        LONGER,
    ]
    found = shorter_target(LONG, others, NOW, FIRST_DAY)
    assert found is not None
    assert found.name == "spend_91d"


def test_nobody_looks_much_further_ahead_than_history_is_long(
    trained: dict[str, TrainedTarget],
) -> None:
    assert shorter_target(LONGER, [SHORT], NOW, FIRST_DAY) is None
    assert shorter_target(replace(LONG, horizon_days=329), [SHORT], NOW, FIRST_DAY) == SHORT
    assert trained["spend_364d"].status == "not_enough_data"
    assert "history is too short" in trained["spend_364d"].reason


def test_a_stretched_model_says_more_than_the_short_one_and_less_than_in_proportion(
    trained: dict[str, TrainedTarget], world: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    short, long = trained["spend_28d"].model, trained["spend_280d"].model
    assert short is not None
    assert long is not None
    assert trained["spend_280d"].status == "ok"
    assert "too short to learn 280 days" in trained["spend_280d"].reason
    features = world[0]
    now = features[features["as_of_date"] == NOW]
    of_28, of_280 = (model.score(model.matrix(now)) for model in (short, long))
    growth = of_280[of_28 > 0.0] / of_28[of_28 > 0.0]
    assert ((growth > 5.5) & (growth < 10.0)).all()  # the mean of 10 and of 1 to 10
    assert long.parameters["stretched_from"] == "spend_28d"
    stored = FittedModel.from_dict(long.to_dict())
    np.testing.assert_array_equal(stored.score(stored.matrix(now)), of_280)


def test_a_stretch_is_tried_on_two_windows_that_have_passed(
    trained: dict[str, TrainedTarget], world: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    table, origin = FeatureTable.from_frame(world[0]), NOW - timedelta(days=56)
    history = History(table, world[1], SHORT)
    assert exam_origin(SHORT, NOW) == origin
    rows = history.rows([origin])
    said = rows.y.mean() * np.ones(len(rows))
    exam = Exam(origin, rows.y, {}, {"linear": said, "constant": said})
    law = FittedBtyd(table).at(origin, SHORT)["pareto_nbd"]
    tried = try_stretch(history, SHORT, exam, "linear", law)
    assert tried is not None
    _, spent = seen_at(shop_orders(), origin, 56)
    truth = spent.set_index("customer_id")["label"].reindex(rows.customer_ids)
    np.testing.assert_allclose(tried.exam.y, truth, atol=1e-9)
    np.testing.assert_allclose(tried.exam.scores["constant"], 2.0 * said)
    # What was promised of the second window, and what it was worth beside the first.
    promised = (tried.exam.scores[STRETCHED] - said).sum() / said.sum()
    worth = (tried.exam.y - rows.y).sum() / rows.y.sum()
    assert min(1.0, worth / promised) <= tried.later <= max(1.0, worth / promised)
    assert tried.later != 1.0

    figures = trained["spend_280d"].backtest.metrics
    told = figures[figures["candidate"] == STRETCHED].set_index("metric")
    assert set(told["as_of_date"]) == {origin}
    assert set(told["split"]) == {"selection"}
    assert told.loc["ngini", "value"] > 0.5
    assert told["rule_value"].notna().all()
    assert "two windows of spend_28d" in trained["spend_280d"].reason


def test_a_stretch_that_a_rule_beats_is_kept_out(world: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table, origin = FeatureTable.from_frame(world[0]), NOW - timedelta(days=56)
    rows = History(table, world[1], SHORT).rows([origin])
    knows, says = rows.y + 1.0, np.full(len(rows), rows.y.mean() + 1.0)
    scores = {STRETCHED: says, "rule_spend_ewma": knows, "constant": says}
    metrics, choice = stretch_report(LONG, NOW, Exam(origin, rows.y, {}, scores), seed=0)
    assert choice.candidate == "rule_spend_ewma"
    assert set(metrics["candidate"]) == set(scores)


def test_a_stretched_model_takes_the_place_of_an_older_one(
    trained: dict[str, TrainedTarget], world: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    table, (_, labels) = FeatureTable.from_frame(world[0]), world
    result = trained["spend_280d"]
    promotion = decide_target_promotion(result, result.model, table, labels)
    assert promotion.is_promoted
    assert "too short" in promotion.reason


def test_parts_of_a_stretched_model_add_up() -> None:
    rng = np.random.default_rng(0)
    tenure = rng.integers(30, 300, 200)
    x = np.column_stack([rng.integers(0, 30, 200), rng.integers(1, 9, 200), tenure, tenure * 1.5])
    x = x.astype(np.float32)
    law = BuyTillYouDie("pareto_nbd", "count", 182, Inputs.find(INPUTS)).fit_histories(x)
    model = Stretched(Carry(3).fit(x, x[:, 3] / 4.0), law, 91)
    np.testing.assert_allclose(model.contributions(x).sum(axis=1), model.margin(x), atol=1e-9)
    stored = estimator_from_dict(model.to_dict())
    np.testing.assert_array_equal(stored.margin(x), model.margin(x))
