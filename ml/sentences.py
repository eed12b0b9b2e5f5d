"""Decisions in plain words: what people read in the report beside a model that came or stayed.

Sentences start in lower case, to follow a colon, and have no full stop.
"""

from __future__ import annotations

from datetime import date
from math import floor, isfinite, log10

from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import gain_words
from data_contracts.wording.numbers import fixed

AS_GOOD = "as good"


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
        return AS_GOOD
    direction = "better" if gain > 0.0 else "worse"
    difference = f"{direction} by {fixed(abs(gain), decimals)}"
    if not is_known:
        return difference
    return f"{difference} (95 % interval {fixed(low, decimals)} to {fixed(high, decimals)})"


def loss_sentence(
    metric: str, day: date, who: str, rival: str, gain: float, interval: tuple[float, float]
) -> str:
    """'the Brier score of LightGBM at 4 Nov 2017 was better than that of ... by 0.0040 (...)'."""
    what = f"the {gain_words(metric)} of {who} at {day_words(day)} was"
    difference = difference_words(gain, interval)
    if difference == AS_GOOD:
        return f"{what} as good as that of {rival}"
    direction, rest = difference.split(" ", 1)
    return f"{what} {direction} than that of {rival} {rest}"
