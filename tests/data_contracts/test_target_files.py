"""A target file that cannot be honoured is refused with its file, its line and what to do."""

from pathlib import Path

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.targets import expand_target, load_targets, pooled_target
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.pairs import pair_tables

FEATURES = {"order_count": "double", "recency_days": "double", "top_category": "varchar"}
GOOD = """name: churn_28d
question: Will they stay away?
kind: probability
horizon_days: 28
population: order_count > 0
label: order_count = 0
metric: brier
"""
COPIES = """name: buys_{value}_28d
question: Will they buy {value}?
kind: probability
horizon_days: 28
population: order_count > 0
label: category_order_count > 0
metric: brier
for_each: category
customer_features: [order_count]
rules: [category_order_days_count]
"""


def load(folder: Path, text: str, name: str = "churn_28d"):
    (folder / f"{name}.yaml").write_text(text)
    return load_targets(folder, FEATURES, {"income"}, pair_tables(load_contracts()))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "order_count > 0",
            "order_cont > 0",
            "churn_28d.yaml, line 5: there is no column order_cont; did you mean order_count?",
        ),
        ("order_count > 0", "income = 'high'", "line 5: income is sensitive"),
        ("order_count = 0", "orders_count = 0", "line 6: .*did you mean order_count?"),
        ("order_count = 0", "recency_days = 0", "line 6: there is no column recency_days"),
        ("order_count = 0", "sum(order_count) = 0", "line 6: .*not allowed"),
        ("order_count = 0", "category_order_count = 0", "line 6: .*needs the key category"),
        ("28\n", "30\n", r"line 4: horizon_days must be whole weeks \(7, 14, ...\), not 30"),
        ("28\n", "four weeks\n", "line 4: horizon_days must be a whole number"),
        ("brier", "mae", "line 7: metric 'mae' is not one of brier, log_loss"),
        ("probability", "likelihood", "line 3: kind 'likelihood' is not one of"),
        ("metric: brier", "metric: brier\ncolour: red", "line 8: unknown key 'colour'"),
        ("metric: brier", "metric: brier\nrules: [recency]", "line 8: .*did you mean recency_days"),
        ("metric: brier", "metric: brier\nrules: recency_days", "line 8: rules must be a list"),
        ("question: Will they stay away?\n", "", "line 1: missing key 'question'"),
        ("name: churn_28d", "name: gone_28d", "line 1: the file of gone_28d is gone_28d.yaml"),
    ],
)
def test_a_wrong_target_file_names_file_line_and_fault(tmp_path, old, new, message):
    assert old in GOOD
    with pytest.raises(ContractError, match=message):
        load(tmp_path, GOOD.replace(old, new, 1))


def test_every_fault_of_a_file_is_told_at_once(tmp_path):
    with pytest.raises(ContractError, match=r"line 7: .*; churn_28d\.yaml, line 4: "):
        load(tmp_path, GOOD.replace("28\n", "0\n").replace("brier", "mae"))


def test_a_file_that_is_no_mapping_is_refused(tmp_path):
    with pytest.raises(ContractError, match=r"churn_28d.yaml, line 1"):
        load(tmp_path, "- churn\n")


def test_one_file_makes_a_target_for_each_value(tmp_path):
    written = load(tmp_path, COPIES, "buys_28d")["buys_28d"]
    first, second = expand_target(written, ["Baby's food", "Tea"])
    (shouted,) = expand_target(written, ["TEA"], str.capitalize)
    assert "Tea" in shouted.question
    assert shouted.category == "TEA"
    assert (first.name, first.category) == ("buys_baby_s_food_28d", "Baby's food")
    assert second.question == "Will they buy Tea?"
    assert second.for_each is None


def test_values_in_other_scripts_have_names_of_their_own(tmp_path):
    written = load(tmp_path, COPIES, "buys_28d")["buys_28d"]
    names = [target.name for target in expand_target(written, ["Чай", "Кофе", "Thé"])]
    assert len(set(names)) == 3
    assert all(name.isascii() and name.isidentifier() for name in names)


def test_values_that_look_alike_in_ascii_have_names_of_their_own(tmp_path):
    written = load(tmp_path, COPIES, "buys_28d")["buys_28d"]
    names = [target.name for target in expand_target(written, ["Ice-cream", "Ice cream", "Tea"])]
    assert len(set(names)) == 3
    assert names[2] == "buys_tea_28d"


def test_one_model_answers_for_every_value(tmp_path):
    written = load(tmp_path, COPIES, "buys_28d")["buys_28d"]
    pooled = pooled_target(written)
    assert (pooled.name, pooled.question) == ("buys_28d", "Will they buy a category?")
    copies = expand_target(written, ["Jam", "Tea"])
    assert {copy.version_name for copy in copies} == {pooled.version_name} == {"buys_28d"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("for_each: category", "for_each: top_category", "line 8: .*: category, not top_category"),
        ("customer_features: [order_count]\n", "", "line 8: for_each needs customer_features"),
        ("[order_count]", "[orders_cont]", "line 9: .*did you mean order_count?"),
        ("[order_count]", "[category_order_days_count]", "line 9: there is no column"),
        ("[category_order_days_count]", "[category_days]", "line 10: there is no column"),
        ("for_each: category\n", "", "line 8: customer_features needs for_each"),
        ("buys_{value}_28d", "buys_28d", "{value} in its name"),
    ],
)
def test_a_target_for_each_value_needs_pairs_and_a_name_of_their_own(tmp_path, old, new, message):
    with pytest.raises(ContractError, match=message):
        load(tmp_path, COPIES.replace(old, new), "buys_28d")
