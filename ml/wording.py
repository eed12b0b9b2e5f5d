"""Decisions in plain words: what people read in the report beside a model that came or stayed.

Sentences start in lower case, to follow a colon, and have no full stop.
"""

from __future__ import annotations

from datetime import date
from math import floor, isfinite, log10

from ml.candidates import WORDS, is_rule

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
    words = WORDS.get(candidate, candidate.replace("_", " "))
    return f"the simple rule '{words}'" if is_rule(candidate) else words


def difference_words(gain: float, error: float) -> str:
    """'better by 0.0040 (standard error 0.0014)', 'worse by ...', or 'as good'.

    Two digits of the standard error are told, and the gain as finely.
    """
    size = error if isfinite(error) and error > 0.0 else abs(gain)
    decimals = max(0, 1 - floor(log10(size))) if size > 0.0 else 0
    if round(abs(gain), decimals) == 0.0:
        return "as good"
    direction = "better" if gain > 0.0 else "worse"
    told = f"{direction} by {abs(gain):,.{decimals}f}"
    if not isfinite(error) or error <= 0.0:
        return told
    return f"{told} (standard error {error:,.{decimals}f})"


def loss_sentence(metric: str, day: date, who: str, rival: str, gain: float, error: float) -> str:
    """'the Brier score of LightGBM at 4 Nov 2017 was better than that of ... by 0.0040 (...)'."""
    what = f"the {LOSS_WORDS[metric]} of {who} at {day_words(day)} was"
    told = difference_words(gain, error)
    if told == "as good":
        return f"{what} as good as that of {rival}"
    direction, rest = told.split(" ", 1)
    return f"{what} {direction} than that of {rival} {rest}"
