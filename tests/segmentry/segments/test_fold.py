"""Membership is folded over dates: who enters, who stays, who leaves."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segmentry.segments.versions import Version
from tests.segmentry.segments.folding import (
    D1,
    D2,
    D3,
    at,
    empty_warehouse,
    folded,
    log,
    segment,
    stays,
    version,
)

BIG = version("big", "spend > 10")


@pytest.fixture
def warehouse():
    return empty_warehouse()


def events(rows):
    return [row[:4] for row in rows]


def test_who_meets_the_condition_is_in_and_who_no_longer_does_is_out(warehouse):
    at(warehouse, D1, {"a": 20, "b": 5})
    at(warehouse, D2, {"a": 5, "b": 20})
    assert events(folded(warehouse, [D1, D2], [BIG])) == [
        ("a", "big", "enter", D1),
        ("a", "big", "exit", D2),
        ("b", "big", "enter", D2),
    ]
    assert stays(warehouse) == [("a", "big", D1, D2), ("b", "big", D2, None)]


def test_between_enter_and_exit_everybody_stays_where_they_are(warehouse):
    keen = version("keen", "spend >= 10", leave="spend < 5")
    at(warehouse, D1, {"a": 10, "b": 7})
    at(warehouse, D2, {"a": 7, "b": 7})
    at(warehouse, D3, {"a": 4, "b": 7})
    assert events(folded(warehouse, [D1, D2, D3], [keen])) == [
        ("a", "keen", "enter", D1),
        ("a", "keen", "exit", D3),
    ]


def test_nobody_leaves_before_the_minimum_stay_is_over(warehouse):
    welcome = version("welcome", "spend > 10", stay=14)
    at(warehouse, D1, {"a": 20})
    at(warehouse, D2, {"a": 0})
    at(warehouse, D3, {"a": 0})
    assert events(folded(warehouse, [D1, D2, D3], [welcome])) == [
        ("a", "welcome", "enter", D1),
        ("a", "welcome", "exit", D3),
    ]


def test_a_segment_may_ask_about_another_whatever_their_order(warehouse):
    quiet = version("a_quiet_big", "segment_big and visits < 1")
    at(warehouse, D1, {"a": 20, "b": 20, "c": 1}, visits={"a": 0, "b": 5, "c": 0})
    assert events(folded(warehouse, [D1], [quiet, BIG])) == [
        ("a", "a_quiet_big", "enter", D1),
        ("a", "big", "enter", D1),
        ("b", "big", "enter", D1),
    ]


def test_a_segment_that_is_asked_about_and_not_there_has_nobody(warehouse):
    at(warehouse, D1, {"a": 20})
    orphan = version("orphan", "not segment_gone and spend > 10")
    assert events(folded(warehouse, [D1], [orphan])) == [("a", "orphan", "enter", D1)]


def test_purchases_count_orders_of_the_customers_own_identities_in_the_window(warehouse):
    at(warehouse, D2, dict.fromkeys("abc", 1))
    warehouse.execute(
        """
        insert into identity.customer_identities values
            ('i1', 'a', '2020-01-01', null), ('i2', 'b', '2020-01-01', '2024-01-10'),
            ('i2', 'c', '2024-01-10', null);
        insert into core.dim_products values ('p', 'ACME', 'COFFEE', null, null),
            ('q', 'ACME', 'TEA', null, '2024-06-01');
        insert into core.fct_order_lines values
            ('o1', 'i1', '2024-01-10', 'p', false, null),
            ('o1', 'i1', '2024-01-10', 'p', false, null),
            ('o2', 'i2', '2024-01-05', 'p', false, null),
            ('o3', 'i2', '2024-01-09', 'p', false, null),
            ('o4', 'i2', '2023-01-09', 'p', false, null),
            ('o5', 'i1', '2024-01-11', 'p', false, '2024-01-12'),
            ('o6', 'i1', '2024-01-11', 'p', true, null),
            ('o7', 'i1', '2024-01-15', 'p', false, null),
            ('o8', 'i1', '2024-01-11', 'q', false, null);
        """
    )
    twice = version("twice", "orders_with(category = 'COFFEE', 30) >= 2")
    ever = version("ever", "orders_with(brand = 'ACME') = 3")
    never = version("never", "orders_with(category in ('COFFEE', 'TEA')) = 0")
    tea = version("tea", "orders_with(category = 'TEA') > 0")
    assert events(folded(warehouse, [D2], [twice, ever, never, tea])) == [
        ("c", "ever", "enter", D2),
        ("b", "never", "enter", D2),
        ("c", "twice", "enter", D2),
    ]


def test_more_segments_than_one_number_has_bits(warehouse):
    at(warehouse, D1, {"a": 64, "b": 5})
    at(warehouse, D2, {"a": 0, "b": 130})
    many = [version(f"s{n:03}", f"spend > {n}") for n in range(130)]
    folded(warehouse, [D1, D2], many)
    assert sum(row[2] == "enter" for row in log(warehouse)) == 64 + 5 + (130 - 5)
    assert len([row for row in stays(warehouse) if row[3] is None]) == 130


def test_a_condition_on_a_missing_value_is_not_met(warehouse):
    warehouse.execute("insert into features.customer_features values ('a', ?, null, 1, null)", [D1])
    risk = version("risk", "churn_score > 0.5 or spend > 1")
    assert folded(warehouse, [D1], [risk]) == []


def test_a_retired_segment_loses_its_members_by_definition(warehouse):
    at(warehouse, D1, {"a": 20})
    at(warehouse, D2, {"a": 20})
    gone = Version(replace(BIG.segment, status="retired"), D2)
    assert folded(warehouse, [D1, D2], [BIG, gone])[-1] == (
        "a", "big", "exit", D2, "definition_change"
    )  # fmt: skip


DAYS = [datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(30)]
values = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20), min_size=1)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(values, min_size=30, max_size=30), st.integers(2, 28))
def test_thirty_days_one_by_one_say_the_same_as_one_backfill(days, changed):
    versions = [
        version("big", "spend > 10", DAYS[0]),
        version("big", "spend > 8", DAYS[changed]),
        version("keen", "spend > 12", DAYS[0], leave="spend < 5", stay=3),
        version("quiet_keen", "segment_keen and churn_score < 0.5", DAYS[0]),
    ]
    daily, at_once = empty_warehouse(), empty_warehouse()
    for number, (day, spend) in enumerate(zip(DAYS, days, strict=True)):
        model = "m1" if number < changed else "m2"
        for connection in (daily, at_once):
            scores = {customer: value / 20 for customer, value in spend.items()}
            at(connection, day, spend, scores, model, visits=dict.fromkeys(spend, 5))
        folded(daily, [day], [v for v in versions if v.effective_from <= day])
    folded(at_once, DAYS, versions)
    assert log(daily) == log(at_once)
    assert stays(daily) == stays(at_once)
    folded(daily, DAYS[20:], versions)
    assert log(daily) == log(at_once)
    assert stays(daily) == stays(at_once)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(values, min_size=12, max_size=12))
def test_an_older_date_judged_after_the_fact_changes_no_date_judged_before(days):
    versions = [
        version("big", "spend > 10"),
        version("keen", "spend > 12", DAYS[0], leave="spend < 5", stay=3),
        version("quiet_keen", "segment_keen and churn_score < 0.5", DAYS[0]),
    ]
    older, present = DAYS[:6], DAYS[6:12]

    def members(connection):
        known = [(*row[:3], row[3] or datetime.date.max) for row in stays(connection)]
        return [{row[:2] for row in known if row[2] <= day < row[3]} for day in present]

    connection = empty_warehouse()
    for day, spend in zip(DAYS, days, strict=False):
        scores = {customer: value / 20 for customer, value in spend.items()}
        at(connection, day, spend, scores, visits=dict.fromkeys(spend, 5))
    ahead = "create temp table kept as from models.customer_scores where as_of_date < ?"
    connection.execute(ahead, [present[0]])
    connection.execute("delete from models.customer_scores where as_of_date < ?", [present[0]])
    folded(connection, present, versions, starts=[present[0]])
    before = members(connection)
    connection.execute("insert into models.customer_scores from kept")
    folded(connection, [*older, *present], versions, starts=[older[0], present[0]])
    assert members(connection) == before
    folded(connection, present[3:], versions, starts=[older[0], present[0]])
    assert members(connection) == before


def test_a_replayed_stretch_reopens_the_stays_that_it_had_closed(warehouse):
    at(warehouse, D1, {"a": 20})
    at(warehouse, D2, {"a": 1})
    folded(warehouse, [D1, D2], [BIG])
    warehouse.execute("update features.customer_features set spend = 30 where as_of_date = ?", [D2])
    assert folded(warehouse, [D2], [BIG]) == []
    assert stays(warehouse) == [("a", "big", D1, None)]


def test_segments_in_a_circle_are_refused(warehouse):
    at(warehouse, D1, {"a": 1})
    one, two = segment("one", "segment_two"), segment("two", "segment_one")
    with pytest.raises(ValueError, match="in a circle: one -> two -> one"):
        folded(warehouse, [D1], [Version(one, D1), Version(two, D1)])
