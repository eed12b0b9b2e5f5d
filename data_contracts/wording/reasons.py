"""A feature's value in words: as a reason with the customer's values, or as a mean of a group.

The phrases themselves are content: data_contracts/phrases.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

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
from data_contracts.wording.phrases import GUARD, OWN_FIELDS, fields_of, phrase_book

_YEAR_DAYS = 364
# In a mean of a group, what is counted has no more digits than these need; the rest say their own.
_EXACT = {"money", "share", "lasting", "hours", "hour", "weekday", "text", "date"}


@cache
def _phrase(feature: str) -> tuple[str, tuple[str, ...], int | None]:
    """(theme, wordings, days of the window); a feature without a phrase is its own theme."""
    book = phrase_book()
    if feature in book.flags:
        return book.flags[feature].theme, (), None
    for phrase in book.phrases:
        match = phrase.pattern.fullmatch(feature)
        if match:
            days = match.groupdict().get("days")
            return phrase.theme, phrase.wordings, int(days) if days else None
    return feature, (), None


@cache
def companions() -> tuple[str, ...]:
    """Features that the words of others may name, so that whoever tells reasons reads them too."""
    named = {
        field
        for phrase in phrase_book().phrases
        for wording in phrase.wordings
        for _, field, _ in fields_of(wording)
        if field
    }
    return tuple(sorted(named - OWN_FIELDS))


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
    flag = phrase_book().flags.get(feature)
    if flag is not None and value is not None:
        return flag.yes if value else flag.no
    for wording in wordings:
        words = _fill(wording, fields, days, currency)
        if words is not None:
            return words
    if value is None:
        return f"{heading}: nothing known{f' of the last {days} days' if days else ''}"
    return f"{heading}: {in_unit(feature, value, currency)}"


def figure_words(
    feature: str, value: float, currency: str = "", is_mean: bool = False
) -> tuple[str, str] | None:
    """A figure of a group or of one of its members: ('41 orders in the last 182 days', '41').

    The second is the number alone, for another figure to be set beside it. is_mean: of a group; of
    a flag this is the share that has it. None where the phrase of the feature does not say its
    value.
    """
    flag = phrase_book().flags.get(feature)
    if flag is not None:
        one = flag.yes if value else flag.no
        return f"{percent(value)} {flag.yes}" if is_mean else one, percent(value)
    _, wordings, days = _phrase(feature)
    for wording in wordings:
        how = next((how for _, field, how in fields_of(wording) if field in ("v", feature)), None)
        if how is None:
            continue
        shown = value if how in _EXACT else round(value, 1 if abs(value) < 10 else 0)
        words = _fill(wording, {"v": shown, feature: shown}, days, currency)
        if words is not None:
            return words, plain(shown) if "|" in how else _said(shown, how, currency)
    return None


def _fill(wording: str, fields: Mapping[str, Any], days: int | None, currency: str) -> str | None:
    """One wording with the customer's values; None where it does not fit them."""
    guard = GUARD.match(wording)
    if guard:
        smaller, larger = (fields.get(name, np.nan) for name in guard.groups())
        if not smaller <= larger:
            return None
        wording = wording[guard.end() :]
    words = ""
    for text, field, how in fields_of(wording):
        words += text
        if field == "window":
            words += "in the last year" if days == _YEAR_DAYS else f"in the last {days} days"
        elif field == "days":
            words += str(days)
        elif field:
            if field not in fields:
                return None
            words += _said(fields[field], how, currency)
    return words if "v" in fields or "{" in wording else None


def _said(value: Any, how: str, currency: str) -> str:
    """One field, said as its format asks."""
    if "|" in how:
        one, many = how.split("|")
        return counted(value, one, many)
    return _FORMS[how](value, currency)


_FORMS: dict[str, Callable[[Any, str], str]] = {
    "money": money,
    "share": lambda value, _: percent(value),
    "days": lambda value, _: days(value),
    "every": lambda value, _: "every day" if value < 1.5 else f"every {value:.0f} days",
    "times": lambda value, _: f"{plain(value)} times",
    "tally": lambda value, _: plain(value) if value else "none",
    "lasting": lambda value, _: duration(value),
    "hours": lambda value, _: duration(value * 3600),
    "hour": lambda value, _: f"{int(value)}:00",
    "weekday": lambda value, _: weekday(value),
    "plain": lambda value, _: plain(value),
    "text": lambda value, _: str(value),
    "date": lambda value, _: f"{value:%Y-%m-%d}",
}
