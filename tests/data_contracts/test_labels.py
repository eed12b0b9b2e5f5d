"""What happens in the window after a date, counted once per person, known by the window's end."""

import duckdb
import pytest

from data_contracts.compiler.targets import expand_target
from data_contracts.compiler.to_labels import labels_sql
from data_contracts.definitions.target import Target
from segmentry.project.vocabulary import written_targets

TABLES = """
create schema core; create schema identity; create schema features;
create table features.customer_features (
    customer_id varchar, as_of_date date, order_count double, coupon_redemptions_364d_count double,
    active_subscriptions_count double);
create table identity.customer_identities (
    identity_id varchar, customer_id varchar, valid_from date, valid_to date);
create table core.fct_orders (
    order_id varchar, identity_id varchar, ordered_at timestamp, order_amount double,
    is_return boolean, has_coupon boolean, cancelled_at timestamp);
create table core.fct_order_lines (
    order_id varchar, identity_id varchar, ordered_at timestamp, product_id varchar,
    is_return boolean, cancelled_at timestamp);
create table core.dim_products (product_id varchar, category varchar, updated_at timestamp);
create table core.fct_coupon_redemptions (
    redemption_id varchar, identity_id varchar, redeemed_at timestamp);
create table core.fct_subscriptions (
    subscription_id varchar, identity_id varchar, started_at timestamp, plan varchar,
    source_monthly_amount double);
create table core.fct_subscription_events (
    subscription_id varchar, identity_id varchar, occurred_at timestamp, event_type varchar,
    plan varchar, source_monthly_amount double, next_renewal_at timestamp);
"""
DAY = "2024-01-01"


@pytest.fixture
def core():
    """One customer 'ann', known since December, with one order before the first of January."""
    connection = duckdb.connect()
    connection.execute(TABLES)
    connection.execute(f"insert into features.customer_features values ('ann', '{DAY}', 1, 0, 1)")
    know(connection, "i1", "ann")
    return connection


def know(connection, identity, customer, since="2023-12-01", until=None):
    connection.execute(
        "insert into identity.customer_identities values (?, ?, ?, ?)",
        [identity, customer, since, until],
    )


def order(connection, at, amount=10.0, identity="i1", coupon=False, cancelled=None):
    connection.execute(
        "insert into core.fct_orders select cast(count(*) as varchar), ?, ?, ?, ?, ?, ? "
        "from core.fct_orders",
        [identity, at, amount, amount < 0, coupon, cancelled],
    )


def subscribe(connection, *events):
    """A subscription of 10 a month since December, and what became of it."""
    connection.execute(
        "insert into core.fct_subscriptions values ('s', 'i1', '2023-12-10', 'basic', 10)"
    )
    for at, kind, plan, price, due in events:
        connection.execute(
            "insert into core.fct_subscription_events values ('s', 'i1', ?, ?, ?, ?, ?)",
            [at, kind, plan, price, due],
        )


def written(name):
    return written_targets()[name]


def labels(connection, *targets, newest="2025-12-31"):
    sql = labels_sql(
        list(targets),
        f"(select date '{DAY}' as as_of_date)",
        "features.customer_features",
        f"date '{newest}'",
    )
    return {(r[0], r[2]): r[3] for r in connection.execute(sql).fetchall()}


def label_of(connection, name):
    return labels(connection, written(name)).get(("ann", name))


def test_who_orders_has_not_churned_and_the_day_of_the_date_counts(core):
    assert label_of(core, "churn_28d") == 1
    order(core, "2024-01-01 00:00")
    assert (label_of(core, "churn_28d"), label_of(core, "purchase_28d")) == (0, 1)


def test_the_last_day_is_inside_and_the_day_after_is_not(core):
    order(core, "2024-01-29 00:00")
    assert label_of(core, "churn_28d") == 1
    order(core, "2024-01-28 23:59")
    assert label_of(core, "churn_28d") == 0


def test_returns_lower_spending_and_are_no_orders(core):
    order(core, "2024-01-05", 30)
    order(core, "2024-01-06", -10)
    assert (label_of(core, "spend_91d"), label_of(core, "orders_91d")) == (20, 1)


def test_an_order_that_was_called_off_by_the_windows_end_never_was(core):
    order(core, "2024-01-05", cancelled="2024-01-07")
    assert label_of(core, "churn_28d") == 1
    order(core, "2024-01-06", cancelled="2024-03-01")
    assert label_of(core, "churn_28d") == 0


def test_days_until_the_next_order_are_cut_at_the_horizon(core):
    assert label_of(core, "next_order_days") == 91
    order(core, "2024-01-20 18:00")
    order(core, "2024-01-12 09:00")
    assert label_of(core, "next_order_days") == 11


def test_a_window_that_has_not_passed_has_no_label(core):
    assert labels(core, written("churn_28d"), newest="2024-01-28") == {}
    assert len(labels(core, written("churn_28d"), newest="2024-01-29")) == 1


def test_who_merges_within_the_window_is_counted_once_with_what_both_did(core):
    know(core, "i2", "cat", until="2024-01-10")
    know(core, "i2", "ann", since="2024-01-10")
    core.execute(f"insert into features.customer_features values ('cat', '{DAY}', 1, 0, 0)")
    order(core, "2024-01-05", 5)
    order(core, "2024-01-06", 7, identity="i2")
    found = labels(core, written("spend_91d"))
    assert found == {("ann", "spend_91d"): 12, ("cat", "spend_91d"): 12}


def test_an_order_in_a_category_counts_for_its_target_alone(core):
    core.execute("insert into core.dim_products values ('p', 'Tea''s', null), ('q', 'Jam', null)")
    core.execute(
        "insert into core.fct_order_lines values "
        "('o', 'i1', '2024-01-05', 'p', false, null), ('o', 'i1', '2024-01-05', 'p', false, null)"
    )
    copies = expand_target(written("category_28d"), ["Tea's", "Jam"])
    assert labels(core, *copies) == {
        ("ann", "category_tea_s_28d"): 1,
        ("ann", "category_jam_28d"): 0,
    }


@pytest.mark.parametrize("by", ["order", "redemption"])
def test_a_discount_is_redeemed_on_an_order_or_as_a_coupon(core, by):
    order(core, "2024-01-03")
    assert label_of(core, "discount_response") == 0
    if by == "order":
        order(core, "2024-01-04", coupon=True)
    else:
        core.execute("insert into core.fct_coupon_redemptions values ('r', 'i1', '2024-01-04')")
    assert label_of(core, "discount_response") == 1


def test_where_coupons_are_not_delivered_nobody_is_asked_for_discounts(core):
    core.execute("update features.customer_features set coupon_redemptions_364d_count = null")
    assert label_of(core, "discount_response") is None


RENEWED = ("2024-01-10", "renewed", "basic", 10, "2024-02-10")
AGAIN = ("2024-02-10", "renewed", "basic", 10, "2024-05-10")


@pytest.mark.parametrize(
    ("events", "kept"),
    [
        ([], 1),
        ([RENEWED, AGAIN], 1),
        ([RENEWED], 0),  # due in February and nothing came
        ([RENEWED, AGAIN, ("2024-03-01", "cancelled", None, None, None)], 0),
        ([RENEWED, ("2024-02-10", "payment_failed", "basic", 10, "2024-05-10")], 0),
        ([("2024-01-10", "payment_failed", "basic", 10, "2024-02-10"), AGAIN], 1),
        ([("2024-05-01", "cancelled", None, None, None)], 1),  # after the window
        ([("2023-12-31", "cancelled", None, None, None)], None),  # nothing is held
    ],
)
def test_a_subscription_is_kept_unless_cancelled_or_due_and_not_renewed(core, events, kept):
    subscribe(core, *events)
    assert label_of(core, "renewal") == kept


@pytest.mark.parametrize(
    ("events", "moved"),
    [
        ([], 0),
        ([("2024-02-01", "changed", "plus", 20, None)], 1),
        ([("2024-02-01", "changed", "mini", 5, None)], 0),
        ([("2024-02-01", "changed", "basic", 12, None)], 0),  # a price rise is no move
        ([("2023-12-20", "changed", "plus", 20, None)], 0),  # before the window
        ([("2024-02-01", "changed", "plus", 20, None), RENEWED], 1),
        (
            [
                ("2024-02-01", "changed", "plus", 20, None),
                ("2024-02-09", "changed", "basic", 10, None),
            ],
            0,
        ),
    ],
)
def test_moving_up_is_another_plan_that_costs_more_at_the_end(core, events, moved):
    subscribe(core, *events)
    assert label_of(core, "upsell") == moved


def test_a_lead_converts_by_a_first_order_and_not_by_turning_out_to_be_a_customer(core):
    for lead in ("bob", "eve"):
        core.execute(
            f"insert into features.customer_features values ('{lead}', '{DAY}', null, 0, 0)"
        )
    know(core, "i3", "bob")
    know(core, "i4", "eve", until="2024-01-04")
    know(core, "i4", "ann", since="2024-01-04")
    order(core, "2023-12-15")
    order(core, "2024-01-05")
    order(core, "2024-01-06", identity="i3")
    found = labels(core, written("lead_conversion_28d"))
    assert found == {("bob", "lead_conversion_28d"): 1, ("eve", "lead_conversion_28d"): 0}


def test_targets_of_one_horizon_have_the_labels_that_each_has_alone(core):
    order(core, "2024-01-05", 30, coupon=True)
    alike = [written(name) for name in ("churn_91d", "spend_91d", "orders_91d", "renewal")]
    together = labels(core, *alike)
    alone: dict = {}
    for target in alike:
        alone |= labels(core, target)
    assert together == alone


def test_horizons_are_not_mixed_in_one_statement() -> None:
    with pytest.raises(ValueError, match="one horizon"):
        labels_sql([written("churn_28d"), written("churn_91d")], "d", "p", "n")


def test_a_label_that_is_unknown_gives_no_row(core):
    target = Target("odd", "Odd?", "probability", 28, "order_count > nullif(0, 0)", "brier")
    assert labels(core, target) == {}
