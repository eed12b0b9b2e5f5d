"""The head of the front page: who the customers are, and the figures that matter, in one line each.

Every figure and sentence is computed.
"""

from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import count, missing, percent, plural, signed_percent
from segmentry.report.page import Page
from segmentry.report.sections.stages import STAGES

ORDERS = """
    select count(distinct identity_id) as customers, coalesce(sum(order_amount), 0) as spend,
        cast(min(ordered_at) as date) as first_date,
        coalesce(sum(order_amount) filter (
            ordered_at >= cast($as_of as date) - interval 91 day), 0) as recent_spend,
        coalesce(sum(order_amount) filter (
            ordered_at >= cast($as_of as date) - interval 182 day
            and ordered_at < cast($as_of as date) - interval 91 day), 0) as former_spend,
        count(distinct identity_id) filter (
            ordered_at >= cast($as_of as date) - interval 91 day) as recent_customers,
        count(distinct identity_id) filter (
            ordered_at >= cast($as_of as date) - interval 182 day
            and ordered_at < cast($as_of as date) - interval 91 day) as former_customers
    from core.fct_orders
    where cancelled_at is null and ordered_at < cast($as_of as date)
"""
# What every customer is expected to spend, and what those are who buy less than they used to.
EXPECTED = """
    select sum(spend_91d_score) as expected,
        sum(case when lifecycle_stage in ('cooling', 'at_risk') then spend_91d_score end) as at_risk
    from segments.customer_360
    where as_of_date = cast($as_of as date)
"""

# Stages of people who have never ordered: singular, plural.
NEVER_ORDERED = {
    "prospect": ("is registered without an order", "are registered without an order"),
    "visitor": ("is an anonymous visitor", "are anonymous visitors"),
}
WHOLE_DAYS = 182


def summary(page: Page) -> dict[str, Any]:
    """headline, as_of in words, and tiles: name, value, and a line on what it is set against."""
    if page.as_of is None:
        return {"headline": "Nothing has been built yet.", "as_of": "", "tiles": []}
    orders, stages = page.read(ORDERS).iloc[0], page.read(STAGES)
    return {
        "headline": _headline(orders, stages),
        "as_of": day_words(page.as_of),
        "tiles": _tiles(orders, page.read(EXPECTED).iloc[0], page),
    }


def trend(now: float, before: float, first: Any, page: Page) -> str:
    """`+4.0%` against the 91 days before; empty where those are not wholly in the data."""
    start = pd.Timestamp(str(page.as_of)) - pd.Timedelta(days=WHOLE_DAYS)
    if missing(first) or pd.Timestamp(first) > start or before <= 0:
        return ""
    return signed_percent(now / before - 1)


def _headline(orders: "pd.Series[Any]", stages: pd.DataFrame) -> str:
    sizes = stages.set_index("lifecycle_stage")["customer_count"]
    never = {stage: int(sizes.get(stage, 0)) for stage in NEVER_ORDERED}
    ordered = int(sizes.sum()) - sum(never.values()) or int(orders["customers"])
    parts = [plural(ordered, "customer")]
    parts += [
        f"{count(number)} {NEVER_ORDERED[stage][number != 1]}"
        for stage, number in never.items()
        if number
    ]
    return ", ".join(parts)


def _tiles(
    orders: "pd.Series[Any]", expected: "pd.Series[Any]", page: Page
) -> list[tuple[str, str, str]]:
    first = orders["first_date"]
    tiles = []
    for name, value, what in (
        ("Customers who ordered", count(orders["recent_customers"]), "customers"),
        ("Revenue", page.money(orders["recent_spend"]), "spend"),
    ):
        now, before = float(orders[f"recent_{what}"]), float(orders[f"former_{what}"])
        change = trend(now, before, first, page)
        against = f"{change} on the 91 days before" if change else ""
        tiles.append((f"{name}, last 91 days", value, against))
    if not missing(expected["expected"]) and expected["expected"] > 0:
        total, risk = float(expected["expected"]), expected["at_risk"]
        tiles.append(("Expected spend, next 91 days", page.money(total), "of all who are scored"))
        if not missing(risk):
            share = percent(risk / total)
            note = f"{share} of it: customers who cool down or are at risk"
            tiles.append(("Of it at risk", page.money(risk), note))
    return tiles
