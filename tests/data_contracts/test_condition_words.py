"""Parts of conditions in words: what is asked, and what the customer has."""

import pytest

from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.compiler.conjuncts import conjuncts
from data_contracts.compiler.loading import load_contracts
from data_contracts.wording.conditions import ConditionWords

BOOK = ConditionWords(
    {name: column.description for name, column in load_contracts().dictionary.items()},
    {"weekend_shopper": "Weekend shoppers"},
    "EUR",
)
VALUES = {
    "recency_days": 75.0,
    "orders_364d_count": 12.0,
    "coupon_redemptions_364d_count": 8.0,
    "spend_364d_amount": 1234.0,
    "email_open_364d_rate": 0.25,
    "churn_91d_percentile": 0.72,
    "top_category": "Toys",
    "email_consent": 1.0,
}
TYPES = {name: "varchar" if name == "top_category" else "double" for name in VALUES}
WORDS = Vocabulary(TYPES | {"order_count": "double"}, frozenset(), frozenset({"weekend_shopper"}))


def told(condition):
    return [BOOK.tell(part, VALUES) for part in conjuncts(read_condition(condition, WORDS, "here"))]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("recency_days >= 60", "days since the last order at least 60 (is 75)"),
        ("spend_364d_amount < 100", "spend in the last 364 days less than €100 (is €1,234)"),
        (
            "email_open_364d_rate >= 0.5",
            "share of the e-mails sent in the last 364 days that were opened at least 50% (is 25%)",
        ),
        (
            "churn_91d_percentile >= 0.9",
            'rank by "Will this customer place no order in the next 91 days?" at least 90%'
            " (is 72%)",
        ),
        (
            "top_category = 'Garden'",
            "category with most spend in the last 364 days is Garden (is Toys)",
        ),
        ("coalesce(order_count, 0) = 0", "orders ever exactly 0 (is not known)"),
        ("email_consent = 1", "allows e-mail"),
        ("not segment_weekend_shopper", "not in 'Weekend shoppers'"),
        (
            "orders_with(category in ('TEA', 'COFFEE'), 91) >= 2",
            "orders with category TEA or COFFEE in the last 91 days at least 2 (is not known)",
        ),
    ],
)
def test_one_comparison_is_said_with_the_value_behind_it(condition, words):
    assert told(condition) == [words]


def test_where_several_columns_are_read_each_has_its_value_beside_it():
    assert told("coupon_redemptions_364d_count >= 0.6 * orders_364d_count") == [
        "coupons redeemed in the last 364 days (8) at least 0.6 times "
        "orders in the last 364 days (12)"
    ]
    assert told("recency_days < 7 and orders_364d_count > 2 or recency_days between 2 and 5") == [
        "(days since the last order (75) less than 7 and orders in the last 364 days (12) "
        "more than 2) or days since the last order (75) from 2 to 5"
    ]


def test_between_is_two_parts_and_what_has_no_words_stays_sql():
    assert told("recency_days between 60 and 181") == [
        "days since the last order at least 60 (is 75)",
        "days since the last order at most 181 (is 75)",
    ]
    assert told("lower(top_category) like 'g%'") == ["LOWER(top_category) LIKE 'g%' (is Toys)"]
