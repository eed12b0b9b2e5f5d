"""A prediction target is one file: its columns in customer_360, and their words, follow from it."""

import pytest

from data_contracts.compiler.targets import load_targets
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.pairs import pair_tables
from tests.architecture.recipes import steps

NAME = "large_order_28d"


def test_a_target_is_one_file_and_customer_360_has_its_columns(tree):
    tree.write(steps.TARGET)
    assert tree.sync() == ["models/segments/_segments__models.yml", "macros/lists.sql"]
    tree.check()
    table = tree.contracts().tables["segments.customer_360"]
    score, percentile = table.column(f"{NAME}_score"), table.column(f"{NAME}_percentile")
    assert score.description == (
        "Probability (0 to 1) that the answer is yes: "
        "Will this customer order twice in the next 28 days?"
    )
    assert percentile.description == f"Share of customers whose {NAME}_score is lower or equal."
    assert (score.sql_type, percentile.sql_type) == ("double", "double")


@pytest.mark.parametrize(
    ("kind", "metric", "words", "unit"),
    [
        ("amount", "deviance", "Expected amount in the reporting currency: ", "reporting currency"),
        ("count", "rmse", "Expected number: ", ""),
        ("time", "mae", "Expected number of days: ", "days"),
    ],
)
def test_its_kind_says_what_its_score_is(tree, kind, metric, words, unit):
    path, text = steps.TARGET
    text = text.replace("kind: probability", f"kind: {kind}").replace("brier", metric)
    tree.write((path, text.replace("label: order_count > 1", "label: order_count")))
    column = tree.contracts().dictionary[f"{NAME}_score"]
    assert column.description.startswith(words)
    assert column.unit == unit


def test_the_sql_reads_its_scores(compiled):
    sql = compiled.sql("customer_360")
    assert f"max(case when target = '{NAME}' then score end) as {NAME}_score" in sql
    assert sql.count(f" as {NAME}_score") == 2, "the score is read once and delivered once"


def test_a_target_for_each_value_has_no_column_since_its_values_depend_on_data(tree):
    columns = [column.name for column in tree.contracts().tables["segments.customer_360"].columns]
    assert not [name for name in columns if name.startswith("category_")]


def test_nobody_writes_down_what_follows_from_a_target(tree):
    entry = f'{NAME}_score: {{type: double, classification: internal, description: "A score."}}\n'
    tree.write(("data_contracts/columns.yaml", entry))
    tree.write(steps.TARGET)
    with pytest.raises(ContractError, match=rf"columns\.yaml: {NAME}_score follows from a target"):
        tree.contracts()


def test_a_target_that_cannot_be_is_refused_with_file_and_line(tree):
    path, text = steps.TARGET
    tree.write((path, text.replace("metric: brier", "metric: mae")))
    with pytest.raises(ContractError, match=r"large_order_28d\.yaml, line 8: metric 'mae'"):
        tree.contracts()


def test_what_its_population_names_is_a_feature(tree):
    path, text = steps.TARGET
    tree.write((path, text.replace("population: order_count", "population: orders_count")))
    contracts = tree.contracts()
    columns = contracts.tables["features.customer_features"].columns
    features = {column.name: column.sql_type for column in columns}
    with pytest.raises(ContractError, match=r"large_order_28d\.yaml, line 5.*order_count"):
        load_targets(tree.root / "data_contracts/targets", features, set(), pair_tables(contracts))
