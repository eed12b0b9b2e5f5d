"""Decisions in plain words: what people read in the report beside a model that came or stayed.

Sentences start in lower case, to follow a colon, and have no full stop.
"""

from __future__ import annotations

from datetime import date
from math import floor, isfinite, log10

from ml.targets.candidates import RULE, WORDS, is_rule

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LOSS_WORDS = {
    "brier": "Brier score",
    "log_loss": "log loss",
    "mae": "mean absolute error",
    # Gains of rmse are measured in squared error.
    "rmse": "mean squared error",
}


def day_words(day: date) -> str:
    """A date such as 23 Dec 2017, in any locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def candidate_words(candidate: str) -> str:
    """What a candidate is called in a sentence."""
    words = WORDS.get(candidate, candidate.removeprefix(RULE).replace("_", " "))
    return f"the simple rule '{words}'" if is_rule(candidate) else words


def difference_words(gain: float, interval: tuple[float, float]) -> str:
    """'better by 0.0040 (95 % interval 0.0013 to 0.0067)', 'worse by ...', or 'as good'.

    interval: of the gain. Two digits of a quarter of its width (about a standard error) are told,
    and the gain as finely.
    """
    low, high = interval if gain >= 0.0 else (-interval[1], -interval[0])
    width = (high - low) / 4.0
    is_known = isfinite(width) and width > 0.0
    size = width if is_known else abs(gain)
    decimals = max(0, 1 - floor(log10(size))) if size > 0.0 else 0
    if round(abs(gain), decimals) == 0.0:
        return "as good"
    direction = "better" if gain > 0.0 else "worse"
    told = f"{direction} by {abs(gain):,.{decimals}f}"
    if not is_known:
        return told
    return f"{told} (95 % interval {_signed(low, decimals)} to {_signed(high, decimals)})"


def _signed(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}".replace("-", "−")


def loss_sentence(
    metric: str, day: date, who: str, rival: str, gain: float, interval: tuple[float, float]
) -> str:
    """'the Brier score of LightGBM at 4 Nov 2017 was better than that of ... by 0.0040 (...)'."""
    what = f"the {LOSS_WORDS[metric]} of {who} at {day_words(day)} was"
    told = difference_words(gain, interval)
    if told == "as good":
        return f"{what} as good as that of {rival}"
    direction, rest = told.split(" ", 1)
    return f"{what} {direction} than that of {rival} {rest}"
