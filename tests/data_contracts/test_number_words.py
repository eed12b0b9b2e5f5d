"""Numbers, dates and names as a person writes them: one way for each."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from data_contracts.definitions.target import Kind
from data_contracts.wording.candidates import candidate_heading, candidate_words
from data_contracts.wording.columns import column_heading
from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import metric_heading
from data_contracts.wording.numbers import count, measure, money, percent, plain, signed
from data_contracts.wording.scores import score_words, standing_words, unit_words


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1.0, "100%"), (0.9996, "over 99%"), (0.521, "52%"), (0.0432, "4.3%"), (0, "0%"),
     (0.00001, "under 0.1%"), (None, "–"), (float("nan"), "–"), (-0.2, "−20%")],
)  # fmt: skip
def test_shares_are_rounded_for_people(value: float | None, expected: str) -> None:
    assert percent(value) == expected


@pytest.mark.parametrize(
    ("currency", "value", "expected"),
    [("USD", 1234.5, "$1,234"), ("USD", 31.178, "$31.18"), ("CHF", 1234.5, "1,234 CHF"),
     ("", 12, "12.00"), ("EUR", -3.2, "−€3.20"), ("USD", None, "–"), ("USD", 0, "$0")],
)  # fmt: skip
def test_money_carries_its_currency(currency: str, value: float | None, expected: str) -> None:
    assert money(value, currency) == expected


def test_whatever_is_missing_is_a_dash() -> None:
    for missing in (None, float("nan"), pd.NA, pd.NaT):
        written = [count(missing), signed(missing), plain(missing), measure(missing)]
        assert written == ["–"] * 4
        assert day_words(missing) == "–"


@pytest.mark.parametrize(
    ("kind", "score", "expected"),
    [
        ("probability", 0.123, "12%"),
        ("amount", 1234.5, "$1,234"),
        ("count", 75.93, "75.9"),
        ("time", 50.33, "50 days"),
        ("time", 1.2, "1 day"),
        ("time", 90.7, "91 days or more"),
        ("probability", None, "–"),
        ("count", float("nan"), "–"),
        ("time", None, "–"),
    ],
)
def test_a_score_is_written_by_the_kind_of_its_target(
    kind: Kind, score: float | None, expected: str
) -> None:
    assert score_words(kind, score, currency="USD", horizon_days=91) == expected


def test_an_axis_names_the_unit_of_its_kind() -> None:
    kinds: tuple[Kind, ...] = ("probability", "amount", "count", "time")
    assert [unit_words(kind, "USD") for kind in kinds] == ["", "USD", "", "days"]
    assert metric_heading("mae", "days") == "Mean absolute error, days"
    assert metric_heading("ngini", "days") == "Normalised Gini"


def test_a_standing_says_among_whom() -> None:
    assert standing_words(0.94) == "among the highest 6% of customers"
    assert standing_words(0.2) == "among the lowest 20% of customers"
    assert standing_words(0.45) == "in the middle of all customers"
    assert standing_words(0.999) == "among the highest 1% of customers"
    assert standing_words(0.0) == "among the lowest 1% of customers"


def test_a_date_is_the_same_in_every_locale() -> None:
    assert day_words(date(2017, 12, 3)) == "3 Dec 2017"
    assert day_words(pd.Timestamp("2017-12-03")) == "3 Dec 2017"


@pytest.mark.parametrize(
    ("candidate", "words", "heading"),
    [
        ("blend", "the blend of models", "Blend of models"),
        ("habits: kmeans_4", "habits: k-means, 4", "Habits: k-means, 4"),
        ("rule_has_coupon_rate", "the simple rule 'has coupon rate'", "Rule: has coupon rate"),
        ("popularity", "what sells most", "What sells most"),
    ],
)
def test_a_candidate_has_one_name(candidate: str, words: str, heading: str) -> None:
    assert candidate_words(candidate) == words
    assert candidate_heading(candidate) == heading


def test_a_column_is_headed_by_its_description_cut_short() -> None:
    described = "Orders in the 28 days before as_of_date; null for visitors."
    assert column_heading(described, "orders_28d_count") == "Orders in the last 28 days"
    long = (
        "Coefficient of variation of weekly spend over 13 complete weeks, empty weeks included; "
        "null without spend."
    )
    assert (
        column_heading(long, "x") == "Coefficient of variation of weekly spend over 13 complete "
        "weeks"
    )
    assert column_heading("", "unknown_ratio") == "Unknown ratio"
