"""Who is asked about which category, what is known of the pair, and what came of it."""

import datetime

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import Home
from segmentry.models.targets.pairs import read_pair_data, read_pairs
from segmentry.project.vocabulary import pairs, pooled_features, pooled_targets
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import at_dates
from segmentry.warehouse.tables import create_table

TARGET = "category_28d"
FIRST = datetime.date(2024, 1, 1)
BEFORE, DAY = datetime.date(2024, 4, 1), datetime.date(2024, 4, 29)


@pytest.fixture
def warehouse(tmp_path):
    """Ann bought coffee twice and Bob nothing of it; Eve never ordered. Tea leads since April."""
    house = Warehouse(Home(tmp_path / "home"))
    tables = load_contracts().tables
    with house.connect() as connection:
        connection.execute("create schema features; create schema models")
        for name in ("customer_features", "customer_categories", "leading_categories"):
            connection.execute(create_table(tables[f"features.{name}"]))
        connection.execute(create_table(tables["models.labels"]))
        for day in (BEFORE, DAY):
            for customer, orders in (("ann", 3), ("bob", 1), ("eve", None)):
                connection.execute(
                    "insert into features.customer_features by name "
                    "select ? as customer_id, ? as as_of_date, ? as order_count",
                    [customer, day, orders],
                )
            for category in ("Coffee", "Tea") if day == DAY else ("Coffee",):
                connection.execute(
                    "insert into features.leading_categories by name select ? as as_of_date, "
                    "? as category, 1 as spend_rank, 9 as category_sales_364d_amount, "
                    "0.5 as category_buyers_28d_rate",
                    [day, category],
                )
            counts = [c.name for c in pairs()["category"].dealings.columns]
            filled = {name: 2.0 for name in counts if name.startswith("category_")}
            columns = ", ".join(f"{value} as {name}" for name, value in filled.items())
            connection.execute(
                "insert into features.customer_categories by name "
                f"select 'ann' as customer_id, ? as as_of_date, 'Coffee' as category, {columns}",
                [day],
            )
        connection.executemany(
            f"insert into models.labels values (?, '{BEFORE}', ?, ?, '{DAY}')",
            [
                ("ann", "category_coffee_28d", 1),
                ("bob", "category_coffee_28d", 0),
                ("ann", "category_tea_28d", 1),
                ("ann", "churn_28d", 0),
            ],
        )
    return house


def test_whoever_ordered_is_asked_about_what_leads_at_the_date(warehouse):
    found = read_pairs(warehouse, pooled_targets()[TARGET], at_dates([BEFORE, DAY]))
    assert list(
        zip(found["as_of_date"].dt.date, found["customer_id"], found["value"], strict=True)
    ) == [
        (BEFORE, "ann", "Coffee"),
        (BEFORE, "bob", "Coffee"),
        (DAY, "ann", "Coffee"),
        (DAY, "ann", "Tea"),
        (DAY, "bob", "Coffee"),
        (DAY, "bob", "Tea"),
    ]


def test_who_never_dealt_with_it_has_counted_nothing_and_no_last_time(warehouse):
    found = read_pairs(warehouse, pooled_targets()[TARGET], at_dates([DAY]))
    rows = found.set_index(["customer_id", "value"])
    assert rows.loc[("ann", "Coffee"), "category_order_days_count"] == 2.0
    for pair in (("ann", "Tea"), ("bob", "Coffee")):
        assert rows.loc[pair, "category_order_days_count"] == 0.0
        assert rows.loc[pair, "category_spend_91d_amount"] == 0.0
        assert rows["category_recency_days"].isna()[pair]
        assert rows["category_order_days_91d_rate"].isna()[pair]
        assert rows.loc[pair, "category_buyers_28d_rate"] == 0.5


def test_a_pair_learns_what_came_of_it_and_is_open_at_the_date_of_training(warehouse):
    written = pooled_targets()[TARGET]
    data = read_pair_data(warehouse, written, DAY, FIRST)
    assert data is not None
    assert {value: copy.name for value, copy in data.copies.items()} == {
        "Coffee": "category_coffee_28d",
        "Tea": "category_tea_28d",
    }
    assert data.features.features == pooled_features(written)
    labels = data.labels.set_index(["as_of_date", "customer_id"])["label"]
    assert set(data.labels["target"]) == {TARGET}
    assert labels.xs(str(BEFORE)).to_dict() == {"ann/Coffee": 1.0, "bob/Coffee": 0.0}
    assert labels.xs(str(DAY)).isna().all()
    assert len(labels.xs(str(DAY))) == 4


def test_where_no_category_leads_there_is_nothing_to_learn(warehouse):
    assert read_pair_data(warehouse, pooled_targets()[TARGET], FIRST, FIRST) is None
