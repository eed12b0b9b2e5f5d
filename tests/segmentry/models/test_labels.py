"""Whom each target asks about: one order, none, a return only; and how many are learned from."""

import datetime

import pytest

from segmentry.home import Home
from segmentry.models.targets.labels import read_labels, sampled
from segmentry.project.vocabulary import (
    ConditionColumns,
    copies_of,
    pooled_targets,
    targets,
    targets_in,
)
from segmentry.warehouse.door import Warehouse

DAY = datetime.date(2024, 1, 1)
NAMED = ("churn_28d", "renewal", "lead_conversion_28d", "discount_response")


@pytest.fixture
def warehouse(tmp_path):
    """The mart of one day, with what populations name: who ordered how often, who subscribes."""
    house = Warehouse(Home(tmp_path / "home"))
    with house.connect() as connection:
        connection.execute("create schema features; create schema models; create schema ops")
        connection.execute(
            "create table features.customer_features (customer_id varchar, as_of_date date, "
            "order_count double, active_subscriptions_count double, "
            "coupon_redemptions_364d_count double)"
        )
        connection.execute(
            "create table models.labels (customer_id varchar, as_of_date date, target varchar, "
            "label double, matured_on date)"
        )
    return house


def put(warehouse, *rows):
    with warehouse.connect() as connection:
        connection.executemany(
            f"insert into features.customer_features values (?, '{DAY}', ?, ?, ?)", rows
        )


def asked(warehouse, who="true"):
    named = {name: targets()[name] for name in NAMED}
    found: dict[str, set[str]] = {}
    for row in read_labels(warehouse, DAY, named, who).itertuples():
        found.setdefault(str(row.customer_id), set()).add(str(row.target))
    return found


def test_one_order_makes_a_customer_and_none_or_a_return_alone_a_lead(warehouse):
    put(warehouse, ("one", 1, None, None), ("none", None, None, None), ("return", 0, None, None))
    assert asked(warehouse) == {
        "one": {"churn_28d"},
        "none": {"lead_conversion_28d"},
        "return": {"lead_conversion_28d"},
    }


def test_subscribers_are_asked_for_renewal_and_coupons_where_they_are_delivered(warehouse):
    put(warehouse, ("a", 2, 1, 0), ("b", None, 1, 0), ("c", 2, 0, None))
    assert asked(warehouse) == {
        "a": {"churn_28d", "discount_response", "renewal"},
        "b": {"lead_conversion_28d", "renewal"},
        "c": {"churn_28d"},
    }


def test_many_leads_are_thinned_and_the_customers_beside_them_are_not(warehouse):
    leads = [(f"lead{number}", None, 0, None) for number in range(3000)]
    buyers = [(f"buyer{number}", 1, 0, None) for number in range(200)]
    put(warehouse, *leads, *buyers)
    named = {name: targets()[name] for name in NAMED}
    who = sampled(warehouse, [DAY], named, rows=500)
    kept = asked(warehouse, who)
    assert sum(name.startswith("buyer") for name in kept) == 200
    assert 400 < sum(name.startswith("lead") for name in kept) < 600
    assert asked(warehouse, who) == kept


def test_every_category_that_ever_led_has_a_target_and_is_asked_about_while_it_leads(warehouse):
    assert set(targets_in(warehouse)) == set(targets())
    with warehouse.connect() as connection:
        connection.execute(
            "create table features.leading_categories as from (values "
            f"(date '{DAY}', 'Tea & Co'), (date '2023-01-01', 'JAM')) as t(as_of_date, category)"
        )
    made = {"category_tea___co_28d", "category_jam_28d"}
    assert set(targets_in(warehouse)) - set(targets()) == made
    (now,) = copies_of(pooled_targets()["category_28d"], warehouse, DAY)
    assert (now.name, now.category) == ("category_tea___co_28d", "Tea & Co")
    assert now.version_name == "category_28d"


def test_a_condition_may_name_a_category_before_its_target_is_there():
    columns = ConditionColumns({"order_count": "double"})
    assert "category_jam_28d_score" in columns
    assert columns["category_jam_28d_percentile"] == "double"
    assert "category_jam_28d" not in columns
    assert "purchase_28d_score" not in columns
    with pytest.raises(KeyError):
        columns["purchase_28d_score"]
