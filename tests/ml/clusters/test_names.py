"""Clusters are named in a marketer's words, from any mart."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.clusters.habits import figure_words, habit_of
from ml.clusters.names import LONGEST_NAME, Figures, describe_clusters, name_clusters

NOTHING = np.full(3, np.nan)
SHARE = np.array([0.2, 0.5, 0.3])
RETAIL = {
    "orders_182d_count": (60.0, 30.0, 4.0, 31.2, 20.0),
    "spend_182d_amount": (1900.0, 900.0, 90.0, 857.0, 600.0),
    "average_order_364d_amount": (22.0, 29.0, 30.0, 27.9, 8.0),
    "category_entropy_364d": (3.6, 3.5, 1.2, 2.8, 0.8),
    "distinct_categories_182d_count": (80.0, 66.0, 12.0, 52.6, 30.0),
    "weekend_orders_364d_rate": (0.32, 0.33, 0.31, 0.32, 0.15),
    "recency_days": (4.0, 9.0, 80.0, 29.3, 40.0),
}


def figures(content: dict[str, tuple[float, ...]]) -> Figures:
    """feature -> means of the clusters, then mean and deviation of the population."""
    values = np.array(list(content.values()))
    return Figures(tuple(content), values[:, :-2].T, values[:, -2], values[:, -1])


def test_a_name_is_the_level_and_the_habits_that_set_a_cluster_apart() -> None:
    value = np.array([980.0, 420.0, 20.0])
    names = name_clusters(figures(RETAIL), value, SHARE)
    assert names == (
        "Top spenders, frequent small baskets",
        "Middle spenders, wide range",
        "Lowest spenders, narrow range, fading",
    )
    assert name_clusters(figures(RETAIL), value, SHARE) == names


def test_a_description_compares_with_the_average_customer_in_original_units() -> None:
    told = describe_clusters(figures(RETAIL))
    assert told[0] == (
        "Spending of 1,900 in 26 weeks against 857 on average; 60 orders in 26 weeks against 31; "
        "baskets of 22 against 28; 80 categories in 26 weeks against 53."
    )
    assert not any("of customers" in text for text in told)


def test_orders_alone_are_enough_for_names() -> None:
    kept = ("orders_182d_count", "spend_182d_amount", "average_order_364d_amount")
    some = figures({name: RETAIL[name] for name in kept})
    names = name_clusters(some, NOTHING, SHARE)
    assert names[0] == "High spenders, frequent small baskets"
    assert names[2] == "Low spenders, rare orders"
    assert len(set(names)) == 3


def test_unknown_columns_are_called_by_their_own_name() -> None:
    some = figures(
        {
            "support_ticket_count": (9.0, 1.0, 1.0, 2.0, 2.0),
            "satisfaction_score": (1.0, 8.0, 3.0, 5.0, 2.0),
        }
    )
    names = name_clusters(some, NOTHING, SHARE)
    assert names[0] == "Many support tickets, low satisfaction score"
    assert names[1] == "High satisfaction score, few support tickets"
    assert "support ticket of 9 against 2 on average" in describe_clusters(some)[0].lower()


def test_words_for_features_carry_no_jargon() -> None:
    assert habit_of("coupon_orders_91d_rate")[0].high == "coupons"
    assert habit_of("order_gap_mean_days") == (habit_of("orders_91d_count")[0], -1)
    assert figure_words("orders_182d_count", 41.4) == "41 orders in 26 weeks"
    assert figure_words("weekend_orders_364d_rate", 0.324) == "32% of orders on weekends"
    assert figure_words("active_weeks_13w_count", 6.0) == "active in 6 of 13 weeks"
    assert figure_words("support_tickets_30d_count", 2.5) == "support tickets of 2.5 in 30 days"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8))
def test_names_are_short_unique_and_always_found(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    content = {name: (*random.gamma(1, 1, size), 1.0, 0.5) for name in [*RETAIL, "a_rate"]}
    share = np.full(size, 1.0 / size)
    value = random.gamma(1, 100, size) if seed % 2 else np.full(size, np.nan)
    names = name_clusters(figures(content), value, share)
    assert len(set(names)) == size
    assert max(map(len, names)) <= LONGEST_NAME
    assert all(
        text.endswith(".") and len(text) < 300 for text in describe_clusters(figures(content))
    )


def test_customers_who_are_all_alike_get_a_name_too() -> None:
    same = figures({"a_rate": (1.0, 1.0, 1.0, 0.0), "b_rate": (np.nan, np.nan, np.nan, np.nan)})
    names = name_clusters(same, np.full(2, np.nan), np.array([0.5, 0.5]))
    assert len(set(names)) == 2
    assert describe_clusters(same)[0] == "Close to the average customer in everything."
    assert max(map(len, names)) <= LONGEST_NAME


def test_values_of_words_are_told_where_they_are_carried_and_levels_only_where_asked_for() -> None:
    some = figures(
        {
            "top_category = FUEL": (0.98, 0.0, 0.2, 0.4),
            "top_category_share_364d_rate": (0.3, 0.1, 0.2, 0.1),
        }
    )
    names = name_clusters(some, None, np.array([0.5, 0.5]))
    assert names == ("Mostly fuel, narrow range", "Wide range")
    told = describe_clusters(some)
    assert told[0].startswith("Top category fuel for 98% against 20% on average")
    assert "fuel" not in told[1]
