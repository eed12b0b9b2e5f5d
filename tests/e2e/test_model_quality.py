"""Floors under the models of the demo: what the product reached, less what chance may take.

A model that falls below one has lost what it learned from, whatever else still passes.
"""

import duckdb
import numpy as np
import pandas as pd
import pytest

from ml.frames import FeatureTable
from ml.targets.training import train_targets
from segmentry.models.targets.training import read_training_data
from segmentry.warehouse.door import Connected
from segmentry.warehouse.facts import first_order_date, newest_date

# Ranking of whoever was chosen, at every exam: AUC of chances, normalised Gini of numbers.
RANKS = {
    "churn_28d": 0.88,
    "churn_91d": 0.895,
    "purchase_7d": 0.81,
    "discount_response": 0.82,
    "category_28d": 0.855,
    "spend_91d": 0.86,
    "orders_91d": 0.86,
}
# How far the total that was predicted may be from what happened.
LEVELS = {
    "churn_28d": 0.08,
    "churn_91d": 0.12,
    "purchase_28d": 0.05,
    "category_28d": 0.03,
    "spend_91d": 0.08,
    "orders_91d": 0.05,
    "spend_364d": 0.05,
    "next_order_days": 0.10,
}
RANK = ("auc", "ngini")


def below(metrics: pd.DataFrame, targets=None) -> list[str]:
    """Every floor that the chosen candidates fall below."""
    exams = metrics[metrics["is_chosen"] & metrics["split"].isin(["test", "selection"])]
    found = []
    for target, floor in RANKS.items():
        if targets is None or target in targets:
            ranks = exams[(exams["target"] == target) & exams["metric"].isin(RANK)]["value"]
            if ranks.empty or ranks.min() < floor:
                found.append(f"{target} ranks {ranks.min():.3f}, {floor} is the floor")
    for target, limit in LEVELS.items():
        if targets is None or target in targets:
            errors = exams[(exams["target"] == target) & (exams["metric"] == "aggregate_error")]
            if errors.empty or errors["value"].abs().max() > limit:
                found.append(f"{target} is off by {errors['value'].abs().max():.3f} in total")
    return found


@pytest.fixture(scope="module")
def warehouse(demo_home):
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as connection:
        yield Connected(connection)


@pytest.fixture(scope="module")
def metrics(warehouse):
    return warehouse.read(
        "select * from models.model_metrics where trained_as_of = "
        "(select max(trained_as_of) from models.model_metrics) and metric <> 'stability_ari'"
    )


def test_models_reach_what_they_reached(metrics):
    assert below(metrics) == []


def test_no_chosen_model_ranks_below_the_best_rule(metrics):
    rank = metrics[metrics["is_chosen"] & metrics["metric"].isin(RANK)]
    rank = rank[rank["split"].isin(["test", "selection"]) & rank["rule_value"].notna()]
    assert rank["target"].nunique() >= 18
    worse = rank[rank["value"] < rank["rule_value"] - 0.005]
    assert worse.empty, worse[["target", "as_of_date", "value", "rule_value"]].to_string()


def test_what_was_promised_came_true(warehouse):
    """Scores that were given out four weeks ago, against what happened since."""
    told = warehouse.read(
        "select target, sum(s.score) / sum(l.label) - 1 as error from models.customer_scores as s "
        "inner join models.labels as l using (customer_id, as_of_date, target) "
        "where s.as_of_date = (select min(as_of_date) from models.customer_scores) group by target"
    ).set_index("target")["error"]
    assert abs(told["churn_28d"]) < 0.10
    assert abs(told["purchase_28d"]) < 0.05
    categories = told[told.index.str.startswith("category_")]
    assert len(categories) == 12
    assert categories.abs().max() < 0.20
    assert abs(categories.mean()) < 0.05


def test_segments_have_the_sizes_that_their_sentences_say(warehouse):
    share = warehouse.read(
        "select segment_id, count(*) / 2469 as share from segments.segment_membership group by all"
    ).set_index("segment_id")["share"]
    assert 0.18 < share["high_value"] < 0.22, "a fifth"
    assert 0.08 < share["next_big_spender"] < 0.13, "a tenth"
    assert 0.15 < share["loyal_regular"] < 0.22, "a fifth at most"


def test_a_shuffled_mart_falls_below(warehouse):
    """Customers who have each other's past: the floors must see it."""
    day, first = newest_date(warehouse), first_order_date(warehouse)
    data = read_training_data(warehouse, day, first)
    random, x = np.random.default_rng(0), data.features.x.copy()
    for rows in data.features.slices.values():
        x[rows] = x[random.permutation(rows)]
    table = data.features
    shuffled = FeatureTable(table.features, x, table.customer_ids, table.days, table.slices)
    (target,) = (t for name, t in data.targets.items() if name == "churn_28d")
    trained = train_targets(shuffled, data.labels, [target], day, first)["churn_28d"]
    assert any(
        "churn_28d ranks" in fault for fault in below(trained.backtest.metrics, ["churn_28d"])
    )
