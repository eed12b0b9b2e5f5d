"""Reasons in words: the customer's value, right in number and unit, and no two with one meaning."""

from __future__ import annotations

import re

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.wording.reasons import reason_words, theme_of
from segmentry.artefacts import digest_features
from segmentry.project.vocabulary import feature_list_digest, learned_columns

RHYTHM = {"recency_days": 41.0, "order_gap_mean_days": 12.2}
NUMERIC = ("double", "bigint", "boolean", "decimal(18,4)")


def _learnable() -> dict[str, str]:
    """Every feature that a model may learn from, with its description."""
    table = load_contracts().tables["features.customer_features"]
    return {
        c.name: c.description
        for c in table.columns
        if c.name in learned_columns() and c.sql_type in NUMERIC
    }


@pytest.mark.parametrize(
    ("feature", "value", "expected"),
    [
        ("recency_days", 41, "no order for 41 days; usually every 12 days"),
        ("recency_over_gap_ratio", 3.4, "no order for 41 days; usually every 12 days"),
        ("orders_28d_count", 0, "no orders in the last 28 days"),
        ("orders_91d_count", 1, "1 order in the last 91 days"),
        ("orders_364d_count", 12, "12 orders in the last year"),
        ("distinct_categories_28d_count", 1, "bought from 1 category in the last 28 days"),
        ("spend_91d_amount", 1234.5, "spent $1,234 in the last 91 days"),
        ("weekly_spend_ewma_amount", 7.5, "spends about $7.50 a week lately"),
        ("email_open_91d_rate", 0.25, "opened 25% of the e-mails in the last 91 days"),
        ("preferred_weekday", 6, "mostly orders on a Saturday"),
        ("session_duration_91d_seconds", 300,
         "a visit lasted 5 minutes on average in the last 91 days"),
        ("spend_28d_to_prior_28d_ratio", 0.4,
         "spend of 28 days is 40% of the 28 days before"),
        ("is_loyalty_member", 0, "not in the loyalty programme"),
        ("email_open_91d_rate", None,
         "how they react to e-mail: nothing known of the last 91 days"),
        ("recency_over_gap_ratio", None, "no order for 41 days; usually every 12 days"),
    ],
)  # fmt: skip
def test_a_reason_is_said_as_a_person_says_it(
    feature: str, value: float | None, expected: str
) -> None:
    assert reason_words(feature, value, others=RHYTHM, currency="USD") == expected


def test_what_is_usual_is_left_out_where_it_is_not_known() -> None:
    assert reason_words("recency_days", 1, others={"recency_days": 1.0}) == "no order for 1 day"


def test_who_orders_within_their_rhythm_is_not_called_quiet() -> None:
    values = {"recency_days": 2.0, "order_gap_mean_days": 5.0}
    said = reason_words("recency_days", 2, others=values)
    assert said == "last order 2 days ago; usually every 5 days"


def test_money_carries_the_reporting_currency() -> None:
    said = reason_words("average_order_91d_amount", 20, others={}, currency="SEK")
    assert said == "20.00 SEK an order in the last 91 days"


def test_a_feature_without_a_phrase_is_said_in_the_words_of_the_dictionary() -> None:
    described = "Calls in the 28 days before as_of_date; answered ones."
    said = reason_words("calls_28d_rate", 0.5, others={}, description=described)
    assert said == "Calls in the last 28 days: 50%"
    assert theme_of("calls_28d_rate") == "calls_28d_rate"


def test_every_feature_of_the_mart_is_said_without_jargon() -> None:
    features = _learnable()
    assert digest_features(list(features)) == feature_list_digest()
    for feature, description in features.items():
        for value in (None, 0.0, 1.0, 2.5, 40.0):
            said = reason_words(feature, value, others=RHYTHM, description=description)
            assert said == said.strip()
            assert not re.search(r"[_{}]|nan|as_of|None", said), said
            assert not re.search(r"\b1 \w+s\b", said.replace("1 times", "")), said


def test_windows_of_one_feature_share_a_theme() -> None:
    assert len({theme_of(f"orders_{days}d_count") for days in (7, 28, 56, 91, 182, 364)}) == 1
    assert theme_of("spend_91d_amount") != theme_of("orders_91d_count")
