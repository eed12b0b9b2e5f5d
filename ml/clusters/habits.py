"""What habits are called: the words of a marketer for what features measure.

A habit gathers the features that measure it, found by patterns over their names, so that a mart
with other windows or fewer entities finds its words too. What no habit knows is called by the
feature's own name, without jargon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ml.clusters.columns import JOINT
from ml.clusters.space import WINDOW, window_days

WEEK_DAYS = 7
# Beside a habit these features measure its size or say how it goes on; news, but worth a word.
ALSO_TOLD = re.compile(r"_to_prior_|^recency_days$|^preferred_hour$")


@dataclass(frozen=True)
class Habit:
    """One habit.

    members: pattern over feature names -> 1 where a high value means more of it, -1 less.
    high, low: what more or less of it is called on its own; empty when it is not worth a word.
    high_before, low_before: the same before 'big baskets'; empty when it cannot stand there.
    family: only one habit of a family is told.
    """

    key: str
    members: dict[str, int]
    high: str
    low: str
    high_before: str = ""
    low_before: str = ""
    family: str = ""

    def words(self, is_high: bool) -> str:
        """What it is called on its own."""
        return self.high if is_high else self.low

    def before(self, is_high: bool) -> str:
        """What it is called before a noun."""
        return self.high_before if is_high else self.low_before


BASKET = "basket"
SPENDING = "spending"
# What has no meaning in words, or says who somebody is and not what they do.
UNSPOKEN = re.compile(
    r"_vector_\d|^account_|_consent$|^topic_\d|^known_identifiers|^browsers_|^rfm_"
    r"|^offer_to_|^discounted_to_full"
)
# The first habit that knows a feature has it.
HABITS = (
    Habit(
        "visits",
        {"^(sessions|visit_days|pages|product_views|weekly_sessions)": 1},
        "frequent visits",
        "rare visits",
    ),
    Habit("carts", {"abandonment|lost_checkout": 1}, "carts left behind", ""),
    Habit("e-mail", {"^email_(open|click)": 1}, "e-mail readers", "no e-mail readers"),
    Habit("sms", {"^sms_(open|click)": 1}, "text message readers", ""),
    Habit("ads", {"^ad_|_after_ad": 1}, "reached by ads", ""),
    Habit("loyalty", {"loyalty": 1}, "loyalty members", ""),
    Habit("viewed", {"^viewed_": 1}, "", ""),
    Habit("growth", {"_to_prior_": 1}, "growing", "fading", family="course"),
    Habit("lapse", {"^recency": 1}, "fading", "", family="course"),
    Habit("coupons", {"coupon|^offer_redemption": 1}, "coupons", "few coupons"),
    Habit("offers", {"^offers": 1}, "many offers", ""),
    Habit("discounts", {"discount": 1, "^full_price": -1}, "bargains", "full price"),
    Habit("returns", {"^returns?_|_returned_": 1}, "many returns", ""),
    Habit("weekend", {"^weekend": 1}, "weekend orders", "weekday orders", "weekend", "weekday"),
    Habit("hour", {"^preferred_hour": 1}, "evening orders", "morning orders", "evening", "morning"),
    Habit("own brand", {"^private_brand": 1}, "own brands", "name brands", "own-brand"),
    Habit("brand", {"^top_brand_share": 1}, "one favourite brand", "many brands"),
    Habit(
        "rhythm",
        {"deviation_days$|variation$": 1},
        "irregular orders",
        "steady orders",
        family="orders",
    ),
    Habit(
        "range",
        {"categor(y_entropy|ies)": 1, "^top_category_share": -1},
        "wide range",
        "narrow range",
    ),
    Habit(BASKET, {"^average_(order|basket)": 1}, "big baskets", "small baskets"),
    Habit(
        "orders",
        {"^orders?(_\\d+[dw])?_count$|^active_weeks": 1, "^order_gap_mean": -1},
        "frequent orders",
        "rare orders",
        "frequent",
        "occasional",
        family="orders",
    ),
    Habit("items", {"^(units|lines|distinct_products)(_|$)": 1}, "", ""),
    Habit(SPENDING, {"spend|revenue|monetary": 1}, "", ""),
    Habit("tenure", {"^tenure": 1}, "long-standing", "new customers"),
)
# How a figure is told, the value in its place; the first pattern that fits.
FIGURES = (
    ("^orders?(_\\d+[dw])?_count$", "{value} orders{within}"),
    ("^sessions(_\\d+[dw])?_count$", "{value} visits{within}"),
    ("^visit_days(_\\d+[dw])?_count$", "visits on {value} days{within}"),
    ("^abandonments(_\\d+[dw])?_count$", "{value} carts left behind{within}"),
    ("^email_open_.*rate$", "{value} of e-mails opened{within}"),
    ("^email_click_.*rate$", "{value} of e-mails clicked{within}"),
    ("^ad_touches", "{value} ads seen{within}"),
    ("^active_weeks", "active in {value} of {weeks} weeks"),
    ("^order_gap_mean_days$", "{value} days between orders"),
    ("^average_(order|basket)", "baskets of {value}"),
    ("^units(_\\d+[dw])?_count$", "{value} items{within}"),
    ("^distinct_products", "{value} different products{within}"),
    ("^distinct_categories", "{value} categories{within}"),
    ("^top_category_share", "{value} of spending in one category"),
    ("^top_brand_share", "{value} of spending on one brand"),
    ("^private_brand_share", "{value} of spending on own brands"),
    ("^weekend_orders", "{value} of orders on weekends"),
    ("^coupon_orders", "{value} of orders with a coupon"),
    ("^coupon_redemptions", "{value} coupons redeemed{within}"),
    ("^offer_redemption", "{value} of offers redeemed{within}"),
    ("^offers_", "{value} offers received{within}"),
    ("^order_gap_deviation", "gaps between orders that vary by {value} days"),
    ("^weekly_spend_variation", "weekly spending that varies by {value} of its mean"),
    ("^preferred_hour$", "orders around {value} o'clock"),
    ("^discount_share", "discounts of {value}"),
    ("^recency_days$", "{value} days since the last order"),
    ("^tenure_days$", "known for {value} days"),
    ("^spend(_\\d+[dw])?_amount$", "spending of {value}{within}"),
)
# How customers who carry a value of a column are called; the first pattern that fits.
VALUES = (
    ("^top_category|^top_brand", "mostly {value}"),
    ("^viewed_top", "looking at {value}"),
    ("^country$|^region$|^time_zone$", "from {value}"),
    ("device", "on {value}"),
    ("plan$", "on plan {value}"),
)
_SUFFIX = re.compile(r"_(count|amount|rate|ratio|share|days|index)$")
_PERCENT = re.compile(r"_(rate|share)$")


def habit_of(feature: str) -> tuple[Habit, int]:
    """The habit that a feature measures, and the sign with which it does."""
    if JOINT in feature:
        return _habit_of_value(feature), 1
    for habit in HABITS:
        for pattern, sign in habit.members.items():
            if re.search(pattern, feature):
                return habit, sign
    noun = noun_of(feature)
    if feature.endswith("_count"):
        noun = noun if noun.endswith("s") else f"{noun}s"
        return Habit(noun, {}, f"many {noun}", f"few {noun}"), 1
    return Habit(noun, {}, f"high {noun}", f"low {noun}"), 1


def _habit_of_value(feature: str) -> Habit:
    """What carrying one value of a column is called, such as 'mostly fuel'."""
    column, value = feature.split(JOINT, 1)
    told = in_words(value)
    for pattern, form in VALUES:
        if re.search(pattern, column):
            return Habit(feature, {"": 1}, form.format(value=told), "")
    return Habit(feature, {"": 1}, f"{noun_of(column)} {told}", "")


def in_words(value: str) -> str:
    """A value as it is said in a sentence: what shouts is lowered."""
    return value.lower() if value.isupper() and len(value) > 3 else value


def is_known(habit: Habit) -> bool:
    """Whether a habit is one of HABITS, or stands for a feature that no habit knows."""
    return bool(habit.members)


def noun_of(feature: str) -> str:
    """A feature's name without window and unit, in words."""
    return _SUFFIX.sub("", WINDOW.sub("", feature)).replace("_", " ")


def is_worded(feature: str, is_high: bool) -> bool:
    """Whether a figure of this feature reads well; carrying a value is news, not carrying it none.

    is_high: whether the figure is above the average.
    """
    if JOINT in feature:
        return is_high
    return any(re.search(pattern, feature) for pattern, _ in FIGURES)


def figure_words(feature: str, value: float) -> str:
    """A figure in a sentence, such as '41 orders in 26 weeks'."""
    if JOINT in feature:
        column, carried = feature.split(JOINT, 1)
        told = number_words(feature, value)
        return f"{noun_of(column)} {in_words(carried)} for {told}"
    form = next(
        (form for pattern, form in FIGURES if re.search(pattern, feature)),
        noun_of(feature) + " of {value}{within}",
    )
    days = max(window_days(feature), default=0)
    weeks = f"{days / WEEK_DAYS:.0f}"
    within = (
        "" if not days else f" in {weeks} weeks" if days % WEEK_DAYS == 0 else f" in {days} days"
    )
    return form.format(value=number_words(feature, value), within=within, weeks=weeks)


def number_words(feature: str, value: float) -> str:
    """A value in its unit: a percentage for shares, no needless digits."""
    if JOINT in feature or _PERCENT.search(feature):
        return f"{value:.0%}"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.1f}".removesuffix(".0")
