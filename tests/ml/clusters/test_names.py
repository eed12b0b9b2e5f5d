"""Clusters are named in a marketer's words, from any mart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.clusters.habits import habit_of
from ml.clusters.names import (
    LONGEST_NAME,
    MOST_WORDS,
    Figures,
    describe_clusters,
    name_clusters,
)

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
        "Spent 1,900 in the last 182 days against 857 on average; "
        "60 orders in the last 182 days against 31; 22.00 an order in the last year against 27.90; "
        "bought from 80 categories in the last 182 days against 53."
    )


def test_orders_alone_are_enough_for_names() -> None:
    kept = ("orders_182d_count", "spend_182d_amount", "average_order_364d_amount")
    some = figures({name: RETAIL[name] for name in kept})
    names = name_clusters(some, NOTHING, SHARE)
    assert names[0] == "High spenders, frequent small baskets"
    assert names[2] == "Low spenders, rare orders"
    assert len(set(names)) == 3


def test_a_column_without_words_is_in_no_name_and_no_description() -> None:
    some = figures(
        {
            "strange_ticket_count": (9.0, 1.0, 1.0, 2.0, 2.0),
            "message_reaction_364d_hours": (1.0, 8.0, 3.0, 5.0, 2.0),
            "orders_182d_count": (30.0, 31.0, 32.0, 31.0, 20.0),
        }
    )
    told = " ".join(name_clusters(some, NOTHING, SHARE) + describe_clusters(some)).lower()
    assert "ticket" not in told
    assert "reaction" not in told


def test_words_for_features_carry_no_jargon() -> None:
    coupons = habit_of("coupon_orders_91d_rate")
    orders = habit_of("orders_91d_count")
    assert coupons is not None
    assert coupons[0].high == "coupons"
    assert orders is not None
    assert habit_of("order_gap_mean_days") == (orders[0], -1)
    assert habit_of("own_cycle_days") is None


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
    assert max(len(name.split()) for name in names) <= MOST_WORDS
    assert all(
        text.endswith(".") and len(text) < 300 for text in describe_clusters(figures(content))
    )


def test_customers_who_are_all_alike_get_a_name_too() -> None:
    same = figures({"a_rate": (1.0, 1.0, 1.0, 0.0), "b_rate": (np.nan, np.nan, np.nan, np.nan)})
    names = name_clusters(same, np.full(2, np.nan), np.array([0.5, 0.5]))
    assert len(set(names)) == 2
    assert describe_clusters(same)[0] == "Close to the average customer in everything."
    assert max(map(len, names)) <= LONGEST_NAME


FAVOURITES = {
    "top_category = FUEL": (0.98, 0.4, 0.2, 0.4),
    "top_category_share_364d_rate": (0.3, 0.1, 0.2, 0.1),
}


def test_a_value_is_told_where_most_carry_it() -> None:
    names = name_clusters(figures(FAVOURITES), None, np.array([0.5, 0.5]))
    assert names == ("Fuel first, narrow range", "Wide range")
    told = describe_clusters(figures(FAVOURITES))
    assert told[0].startswith("98% spend most on Fuel against 20% on average")
    assert "30% of their spend is in one category" in told[0]


def test_mostly_is_said_where_more_than_half_of_the_money_goes_there() -> None:
    some = figures(FAVOURITES)
    half = replace(some, money={"top_category = FUEL": np.array([0.5, 0.1])})
    more = replace(some, money={"top_category = FUEL": np.array([0.51, 0.1])})
    share = np.array([0.5, 0.5])
    assert name_clusters(half, None, share)[0] == "Fuel first, narrow range"
    assert name_clusters(more, None, share)[0] == "Mostly Fuel, narrow range"


def test_one_value_is_told_once_and_a_till_does_not_shout() -> None:
    some = figures(
        {
            "top_category = DIAPERS & DISPOSABLES": (0.98, 0.0, 0.2, 0.4),
            "viewed_top_category = DIAPERS & DISPOSABLES": (0.9, 0.0, 0.2, 0.4),
        }
    )
    assert name_clusters(some, None, np.array([0.5, 0.5]))[0] == "Diapers & disposables first"


def test_a_majority_is_never_called_top_spenders() -> None:
    share = np.array([0.55, 0.45])
    names = name_clusters(figures(FAVOURITES), np.array([180.0, 2.0]), share)
    assert names[0].startswith("High spenders")
    assert name_clusters(figures(FAVOURITES), np.array([1.0, 220.0]), share)[1].startswith("Top")
