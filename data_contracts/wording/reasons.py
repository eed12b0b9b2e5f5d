"""Reasons in words with the customer's values, and which features share a reason.

The phrases themselves are in data_contracts/wording/phrases.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter

import numpy as np

from data_contracts.wording.columns import column_words
from data_contracts.wording.names import spelled
from data_contracts.wording.numbers import (
    counted,
    days,
    duration,
    in_unit,
    money,
    percent,
    plain,
    weekday,
)
from data_contracts.wording.phrases import FLAGS, PHRASES

_YEAR_DAYS = 364
_FORMATTER = Formatter()
_GUARD = re.compile(r"(\w+) <= (\w+): ")


@cache
def _book() -> list[tuple[re.Pattern[str], str, tuple[str, ...]]]:
    """Every pattern, its theme and its wordings."""
    return [
        (
            re.compile(pattern.replace("<d>", r"(?P<days>\d+)d")),
            theme,
            (words,) if isinstance(words, str) else words,
        )
        for theme, phrases in PHRASES.items()
        for pattern, words in phrases.items()
    ]


@cache
def _phrase(feature: str) -> tuple[str, tuple[str, ...], int | None]:
    """(theme, wordings, days of the window); a feature without a phrase is its own theme."""
    if feature in FLAGS:
        return FLAGS[feature][0], (), None
    for pattern, theme, words in _book():
        found = pattern.fullmatch(feature)
        if found:
            days = found.groupdict().get("days")
            return theme, words, int(days) if days else None
    return feature, (), None


@cache
def companions() -> tuple[str, ...]:
    """Features that the words of others may name, so that whoever tells reasons reads them too."""
    named = {
        field
        for _, _, wordings in _book()
        for words in wordings
        for _, field, _, _ in _FORMATTER.parse(words)
        if field
    }
    return tuple(sorted(named - {"v", "window", "days"}))


def theme_of(feature: str) -> str:
    """What a feature tells of; reasons with one theme are one reason."""
    return _phrase(feature)[0]


def themes_of(features: Iterable[str]) -> dict[str, str]:
    """Feature -> theme."""
    return {feature: theme_of(feature) for feature in features}


def reason_words(
    feature: str,
    value: float | None,
    *,
    others: Mapping[str, float],
    description: str = "",
    currency: str = "",
) -> str:
    """A reason as a person says it: 'no order for 41 days; usually every 12 days'.

    others: known values of the same customer, by feature, which wordings may name. description:
    the column dictionary's, for a feature that has no phrase, or whose value is not known.
    """
    theme, wordings, days = _phrase(feature)
    heading = theme
    if theme == feature:
        heading = column_words(description) or spelled(feature)
    fields = dict(others) if value is None else {**others, "v": value}
    if feature in FLAGS and value is not None:
        return FLAGS[feature][1 if value else 2]
    for words in wordings:
        told = _fill(words, fields, days, currency)
        if told is not None:
            return told
    if value is None:
        return f"{heading}: nothing known{f' of the last {days} days' if days else ''}"
    return f"{heading}: {in_unit(feature, value, currency)}"


def _fill(words: str, fields: Mapping[str, float], days: int | None, currency: str) -> str | None:
    """One wording with the customer's values; None where it does not fit them."""
    guard = _GUARD.match(words)
    if guard:
        smaller, larger = (fields.get(name, np.nan) for name in guard.groups())
        if not smaller <= larger:
            return None
        words = words[guard.end() :]
    told = ""
    for text, field, how, _ in _FORMATTER.parse(words):
        told += text
        if field == "window":
            told += "in the last year" if days == _YEAR_DAYS else f"in the last {days} days"
        elif field == "days":
            told += str(days)
        elif field:
            if field not in fields:
                return None
            told += _said(fields[field], how or "", currency)
    return told if "v" in fields or "{" in words else None


def _said(value: float, how: str, currency: str) -> str:
    """One field, said as its format asks."""
    if "|" in how:
        one, many = how.split("|")
        return counted(value, one, many)
    if how == "every":
        return "every day" if value < 1.5 else f"every {value:.0f} days"
    forms = {
        "money": lambda: money(value, currency),
        "share": lambda: percent(value),
        "days": lambda: days(value),
        "times": lambda: f"{plain(value)} times",
        "tally": lambda: plain(value) if value else "none",
        "lasting": lambda: duration(value),
        "hours": lambda: duration(value * 3600),
        "hour": lambda: f"{int(value)}:00",
        "weekday": lambda: weekday(value),
        "plain": lambda: plain(value),
    }
    return forms[how]()
