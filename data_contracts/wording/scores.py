"""A score, a label or any value of a target, written as what it is: its kind decides, not its name.

The command line, explanations, the report, its charts and the model cards all come here.
"""

from __future__ import annotations

from typing import Any

from data_contracts.definitions.target import Kind
from data_contracts.wording.numbers import days, missing, money, percent, plain

# What the customers ranked first hold a share of, in a gain curve.
_TOTALS: dict[Kind, str] = {
    "probability": "the cases",
    "amount": "the amount",
    "count": "the total",
    "time": "the days",
}


def score_words(kind: Kind, score: Any, *, currency: str = "", horizon_days: int = 0) -> str:
    """`52%`, `$1,234`, `4.2`, `50 days`; a time that reaches the horizon is `91 days or more`.

    kind: of the target. horizon_days: of a time; 0 where it does not matter. A missing score is a
    dash.
    """
    if kind == "probability":
        return percent(score)
    if kind == "amount":
        return money(score, currency)
    if missing(score):
        return plain(score)
    if kind == "time":
        if horizon_days and score >= horizon_days - 0.5:
            return f"{days(horizon_days)} or more"
        return days(round(score))
    return plain(round(score, 1))


def unit_words(kind: Kind, currency: str = "") -> str:
    """The unit of such scores, as an axis or a column names it; empty for chances and counts."""
    return {"amount": currency, "time": "days"}.get(kind, "")


def total_words(kind: Kind) -> str:
    """What scores of this kind add up to: `the cases`, `the amount`."""
    return _TOTALS[kind]


def standing_words(percentile: float) -> str:
    """Where a score stands among those of all whom the target asks about; percentile: 0..1."""
    if abs(percentile - 0.5) < 0.1:
        return "in the middle of all customers"
    end, share = ("highest", 1 - percentile) if percentile > 0.5 else ("lowest", percentile)
    return f"among the {end} {max(round(share * 100), 1)}% of customers"
