"""The backtest tells what would have happened: it cannot see its test, and promotes no noise."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable, History
from ml.origins import plan_training
from ml.targets.backtest import CURVE_COLUMNS, METRIC_COLUMNS, Backtest, run_backtest
from ml.targets.candidates import CONSTANT, RULES
from ml.targets.training import train_targets
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_shop, make_target, train_target

PLAN = plan_training(make_target(), TRAINED_AS_OF, HISTORY_START)


def backtest(shop: Shop, target: Target) -> Backtest:
    """The backtest of one target on a shop."""
    table = FeatureTable.from_frame(shop.features)
    history = History(table, shop.labels, target)
    return run_backtest(history, target, TRAINED_AS_OF, HISTORY_START)


@pytest.fixture(scope="module")
def churn(shop: Shop) -> Backtest:
    """The backtest of churn on the shared shop."""
    return backtest(shop, make_target())


def permuted(labels: pd.DataFrame, when: pd.Series, seed: int = 0) -> pd.DataFrame:
    """The same labels, those of the rows `when` dealt out anew within each date and target."""
    random = np.random.default_rng(seed)
    changed = labels.copy()
    groups = changed[when].groupby(["as_of_date", "target"]).groups
    for rows in groups.values():
        changed.loc[rows, "label"] = random.permutation(changed.loc[rows, "label"].to_numpy())
    return changed


def chosen_values(result: Backtest, origin: date) -> dict[str, float]:
    """Metric -> value of the candidate that the procedure had chosen."""
    rows = result.metrics[result.metrics["is_chosen"] & (result.metrics["split"] != "validation")]
    rows = rows[rows["as_of_date"] == origin]
    return dict(zip(rows["metric"], rows["value"], strict=True))


def test_the_choice_at_a_test_origin_does_not_see_its_labels(shop: Shop, churn: Backtest) -> None:
    newest = PLAN.tests[0].test.origin
    changed = permuted(shop.labels, shop.labels["as_of_date"] == newest)
    again = backtest(Shop(shop.features, changed), make_target())
    assert again.choices[newest] == churn.choices[newest]
    before, after = chosen_values(churn, newest), chosen_values(again, newest)
    assert before["auc"] > 0.7
    assert abs(after["auc"] - 0.5) < 0.1


def test_labels_whose_window_ends_after_an_origin_change_nothing_there(
    shop: Shop, churn: Backtest
) -> None:
    oldest = PLAN.tests[-1].test.origin
    unseen = shop.labels["as_of_date"].map(
        lambda day: day > oldest - timedelta(days=28) and day != oldest
    )
    again = backtest(Shop(shop.features, permuted(shop.labels, unseen)), make_target())
    assert chosen_values(again, oldest) == pytest.approx(chosen_values(churn, oldest))


@pytest.mark.parametrize("kind", ["probability", "amount"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_labels_are_not_promoted(shop: Shop, kind: str, seed: int) -> None:
    everywhere = pd.Series(True, index=shop.labels.index)
    noise = permuted(shop.labels, everywhere, seed)
    trained = train_target(shop.features, noise, make_target(kind), TRAINED_AS_OF, HISTORY_START)
    assert trained.model is None
    assert trained.status == "kept_out"
    assert "always saying the mean" in trained.reason


def test_the_chosen_model_beats_the_mean_and_is_calibrated(churn: Backtest) -> None:
    newest = PLAN.tests[0].test.origin
    rows = churn.metrics[churn.metrics["as_of_date"] == newest]
    constant = rows[rows["candidate"] == CONSTANT].set_index("metric")["value"]
    ours = chosen_values(churn, newest)
    assert ours["brier"] < 0.85 * constant["brier"]
    assert ours["ece"] < 0.08


@pytest.mark.parametrize("kind", ["probability", "amount"])
def test_beside_every_figure_stands_the_best_rule_in_that_very_metric(
    shop: Shop, churn: Backtest, kind: str
) -> None:
    found = churn if kind == "probability" else backtest(shop, make_target("amount"))
    assert list(found.metrics.columns) == METRIC_COLUMNS
    assert found.metrics["rule_value"].notna().all()
    rules = found.metrics[found.metrics["candidate"].isin(RULES)]
    for (metric, _, _), rows in rules.groupby(["metric", "as_of_date", "split"]):
        worth = {"aggregate_error": -rows["value"].abs()}.get(str(metric), rows["value"])
        if metric in ("brier", "log_loss", "ece", "mae", "rmse", "deviance"):
            worth = -rows["value"]
        assert rows["rule_value"].nunique() == 1
        assert rows["rule_value"].iloc[0] == rows.loc[worth.idxmax(), "value"]


def test_cheap_standard_errors_stand_beside_every_candidate(churn: Backtest) -> None:
    cheap = churn.metrics[churn.metrics["metric"].isin(["auc", "brier", "log_loss"])]
    assert cheap["standard_error"].notna().all()
    dear = churn.metrics[churn.metrics["metric"].isin(["pr_auc", "ece"])]
    dear = dear[dear["split"] != "validation"]
    assert dear.loc[dear["is_chosen"], "standard_error"].notna().all()
    best = dear["candidate"].isin(RULES) & (dear["value"] == dear["rule_value"])
    assert dear.loc[best, "standard_error"].notna().all()
    assert dear.loc[~best & ~dear["is_chosen"], "standard_error"].isna().all()


def test_one_candidate_is_chosen_at_every_origin(churn: Backtest) -> None:
    rows = churn.metrics[churn.metrics["metric"] == "brier"]
    assert (rows.groupby(["as_of_date", "split"])["is_chosen"].sum() == 1).all()
    assert rows.loc[rows["is_chosen"], "standard_error"].notna().all()


def test_the_exam_that_chose_is_not_called_a_test(churn: Backtest) -> None:
    rows = churn.metrics.drop_duplicates(["as_of_date", "split"])
    called = dict(zip(rows["as_of_date"], rows["split"], strict=True))
    newest, older = (test.test.origin for test in PLAN.tests)
    assert called[newest] == "selection"
    assert called[older] == "test"
    assert set(called.values()) == {"validation", "test", "selection"}


def test_gain_curves_rise_to_everything(churn: Backtest) -> None:
    assert list(churn.curves.columns) == CURVE_COLUMNS
    gain = churn.curves[churn.curves["curve"] == "gain"]
    for _, curve in gain.groupby(["as_of_date", "candidate"]):
        assert curve["observed"].is_monotonic_increasing
        assert curve["observed"].iloc[-1] == pytest.approx(1.0)
        assert curve["predicted"].iloc[-1] == pytest.approx(1.0)


def test_too_few_customers_is_said_in_words_and_stops_nobody() -> None:
    small = make_shop(customers=40)
    targets = [
        make_target(),
        make_target("amount"),
        make_target(name="spend_91d", kind="amount", metric="mae", horizon_days=91),
        make_target(name="unheard_of"),
        make_target(minimum_customers=0, minimum_positives=0, minimum_negatives=0),
    ]
    for target in targets:
        trained = train_targets(
            small.features, small.labels, [target], TRAINED_AS_OF, HISTORY_START
        )[target.name]
        if target.minimum_customers:
            assert trained.status == "not_enough_data"
            assert trained.model is None
            assert any(w in trained.reason for w in ("needed", "too short", "nobody"))


@pytest.mark.parametrize("customers", [1, 2, 3, 5, 9])
def test_a_handful_of_customers_crashes_nothing(customers: int) -> None:
    tiny = make_shop(customers=customers, seed=customers)
    none = {"minimum_customers": 0, "minimum_positives": 0, "minimum_negatives": 0}
    targets = [make_target(**none), make_target("amount", **none)]
    found = train_targets(tiny.features, tiny.labels, targets, TRAINED_AS_OF, HISTORY_START)
    assert {trained.status for trained in found.values()} <= {"ok", "kept_out", "not_enough_data"}


def test_a_short_history_is_said_in_words() -> None:
    young = make_shop(customers=60, days=70)
    as_of = HISTORY_START + timedelta(days=70)
    trained = train_target(young.features, young.labels, make_target(), as_of, HISTORY_START)
    assert trained.status == "not_enough_data"
    assert "history is too short" in trained.reason


def test_constant_and_unknown_columns_are_recorded_as_dropped(shop: Shop) -> None:
    trained = train_target(shop.features, shop.labels, make_target(), TRAINED_AS_OF, HISTORY_START)
    assert trained.model is not None
    dropped = trained.model.parameters["dropped_features"]
    assert dropped == {"constant_count": "constant", "unknown_rate": "all null"}
    assert "top_category" not in trained.model.features
