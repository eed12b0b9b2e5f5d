"""The top of the page: the state in one line, and the main findings in words."""

from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import count, listing, missing, percent, plural, signed
from segmentry.report.page import Page
from segmentry.report.sections.loaded import FILES, quarantined_count
from segmentry.report.sections.models import verdicts
from segmentry.report.sections.quality import read_checks
from segmentry.report.sections.segments import SEGMENTS
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
            ordered_at >= cast($as_of as date) - interval 91 day) as recent_customers
    from core.fct_orders
    where cancelled_at is null and ordered_at < cast($as_of as date)
"""

COMPARED = {"better": "better than", "level": "level with", "worse": "worse than"}


def summary(page: Page) -> dict[str, Any]:
    """Headline, tiles and findings; every sentence is computed."""
    if page.as_of is None:
        return {"headline": "Nothing has been built yet.", "tiles": [], "findings": []}
    orders = page.read(ORDERS).iloc[0]
    stages, segments = page.read(STAGES), page.read(SEGMENTS)
    people = int(stages["customer_count"].sum()) or int(orders["customers"])
    headline = f"{plural(people, 'customer')} as of {day_words(page.as_of)}"
    if not missing(orders["first_date"]):
        headline += (
            f", with {page.money(orders['spend'])} of spend since {day_words(orders['first_date'])}"
        )
    outcomes = read_checks(page)["outcome"].value_counts()
    checks, passed = int(outcomes.sum()), int(outcomes.get("passed", 0))
    tiles = [
        ("Customers", count(people)),
        ("Bought in 91 days", count(orders["recent_customers"])),
        ("Spend in 91 days", page.money(orders["recent_spend"])),
        ("Segments", count(len(segments))),
        ("Checks passed", f"{count(passed)} of {count(checks)}"),
    ]
    findings = (
        _trend(orders, page),
        _concentration(segments, people),
        _risk(stages, page),
        _movement(segments),
        _models(verdicts(page)),
        _quality(checks - passed, quarantined_count(page.read(FILES))),
    )
    return {"headline": headline + ".", "tiles": tiles, "findings": [f for f in findings if f]}


def _trend(orders: "pd.Series[Any]", page: Page) -> str:
    now, before = float(orders["recent_spend"]), float(orders["former_spend"])
    first = orders["first_date"]
    whole = not missing(first) and pd.Timestamp(first) <= pd.Timestamp(
        str(page.as_of)
    ) - pd.Timedelta(days=182)
    if not whole or before <= 0:
        return ""
    change = now / before - 1
    comparison = (
        "level with"
        if abs(change) < 0.01
        else f"{percent(abs(change))} {'above' if change > 0 else 'below'}"
    )
    return f"Spend of the last 91 days was {page.money(now)}, {comparison} the 91 days before."


def _concentration(segments: pd.DataFrame, people: int) -> str:
    frame = segments.dropna(subset=["revenue_share"])
    if frame.empty or people == 0:
        return ""
    frame = frame.assign(share=frame["customer_count"] / people)
    row = frame.iloc[int((frame["revenue_share"] - frame["share"]).to_numpy().argmax())]
    if row["revenue_share"] <= row["share"]:
        return ""
    return (
        f"“{row['name']}” is {percent(row['share'])} of customers and "
        f"{percent(row['revenue_share'])} of the spend of the last 91 days."
    )


def _risk(stages: pd.DataFrame, page: Page) -> str:
    part = stages[stages["lifecycle_stage"].isin(["cooling", "at_risk"])]
    total = float(stages["spend"].sum())
    if part.empty or total <= 0:
        return ""
    return (
        f"{plural(part['customer_count'].sum(), 'customer')} are cooling or at risk; they "
        f"spent {page.money(part['spend'].sum())} in the last 91 days, "
        f"{percent(part['spend'].sum() / total)} of all spend."
    )


def _movement(segments: pd.DataFrame) -> str:
    frame = segments.dropna(subset=["previous_count"])
    # A new clustering moves many at once, whatever they did.
    frame = frame[frame["kind"] != "cluster"]
    if frame.empty:
        return ""
    change = frame["customer_count"] - frame["previous_count"]
    amounts = change.to_numpy()
    up, down = frame.iloc[int(amounts.argmax())], frame.iloc[int(amounts.argmin())]
    parts = []
    if change.max() > 0:
        parts.append(f"“{up['name']}” grew most ({signed(change.max())})")
    if change.min() < 0:
        parts.append(f"“{down['name']}” shrank most ({signed(change.min())})")
    if not parts:
        return "No segment changed its size in the last week."
    return f"In the last week {listing(parts)}."


def _models(verdicts_of_targets: list[str]) -> str:
    if not verdicts_of_targets:
        return ""
    parts: list[str] = []
    for verdict, words in COMPARED.items():
        if verdict in verdicts_of_targets:
            rule = "it" if parts else "the best simple rule"
            number = verdicts_of_targets.count(verdict)
            parts.append(f"{number} {'is' if number == 1 else 'are'} {words} {rule}")
    return (
        f"Of {plural(len(verdicts_of_targets), 'model')} that were tested on a later time, "
        f"{listing(parts)} (level: within a standard error)."
    )


def _quality(failed: int, quarantined: int) -> str:
    parts = [f"{plural(failed, 'check')} did not pass" if failed else "every check passed"]
    parts.append(
        f"{plural(quarantined, 'row')} went to quarantine" if quarantined else "no row was refused"
    )
    return f"{listing(parts).capitalize()}."
