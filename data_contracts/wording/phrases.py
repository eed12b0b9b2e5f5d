"""The phrase book, read from data_contracts/phrases.yaml, where its entries are explained."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.loading import ROOT
from data_contracts.definitions.contract import ContractError

FILE = ROOT / "phrases.yaml"
# How a value may be said; 'one|many' is a noun beside these.
FORMS = frozenset(
    {"money", "share", "days", "every", "plain", "times", "tally"}
    | {"lasting", "hours", "hour", "weekday", "text", "date"}
)
# Fields of a wording that are no feature: the value, the window in words, and its days.
OWN_FIELDS = frozenset({"v", "window", "days"})
GUARD = re.compile(r"(\w+) <= (\w+): ")
_SECTIONS = {"themes", "flags", "values", "habits", "beside_habits", "unspoken"}
_HABIT = {"more", "less", "high", "low", "high_before", "low_before", "family"}
_VALUE = {"name", "figure", "mostly", "share", "money", "family"}


@dataclass(frozen=True)
class Phrase:
    """The wordings of the features that a pattern fits, and the theme that they tell of."""

    pattern: re.Pattern[str]
    theme: str
    wordings: tuple[str, ...]


@dataclass(frozen=True)
class Flag:
    """A feature that is 1 or 0, in words for each."""

    theme: str
    yes: str
    no: str


@dataclass(frozen=True)
class ValueName:
    """What customers are called who mostly carry one value of a text column; empty: nothing.

    mostly holds instead of name where more than half of their money goes there: share is the part
    of the amount `money` that each of them spends on the value.
    """

    name: str = ""
    figure: str = ""
    mostly: str = ""
    share: str = ""
    money: str = ""
    family: str = ""


@dataclass(frozen=True)
class Habit:
    """One habit of customers.

    members: pattern over feature names -> 1 where a high value means more of it, -1 less.
    high, low: what more or less of it is called on its own; empty when it is not worth a word.
    high_before, low_before: the same before a noun; empty when it cannot stand there.
    family: only one habit of a family is told.
    """

    key: str
    members: Mapping[str, int]
    high: str = ""
    low: str = ""
    high_before: str = ""
    low_before: str = ""
    family: str = ""


@dataclass(frozen=True)
class PhraseBook:
    """Everything that the file says."""

    phrases: tuple[Phrase, ...]
    flags: Mapping[str, Flag]
    values: Mapping[str, ValueName]
    habits: tuple[Habit, ...]
    beside_habits: re.Pattern[str]
    unspoken: re.Pattern[str]


@cache
def phrase_book(file: Path = FILE) -> PhraseBook:
    """The phrase book. Raises ContractError with file and line on whatever cannot be said."""
    content = read_yaml(file)
    if not isinstance(content, dict) or set(content) != _SECTIONS:
        raise ContractError(f"{file.name}: it has {', '.join(sorted(_SECTIONS))}")
    return PhraseBook(
        tuple(_phrases(file, content["themes"])),
        {name: Flag(f["theme"], f[1], f[0]) for name, f in content["flags"].items()},
        {
            name: ValueName(**_entries(file, "values", name, value, _VALUE))
            for name, value in content["values"].items()
        },
        tuple(_habit(file, str(key), entry) for key, entry in content["habits"].items()),
        _any_of(file, "beside_habits", content["beside_habits"]),
        _any_of(file, "unspoken", content["unspoken"]),
    )


def fields_of(wording: str) -> Iterator[tuple[str, str, str]]:
    """(text before, field, how it is said) of a wording in its order; the last field is empty."""
    for text, field, how, _ in Formatter().parse(wording):
        yield text, field or "", how or ""


def without_phrase(features: Iterable[str], file: Path = FILE) -> list[str]:
    """The features that the book has no phrase for."""
    book = phrase_book(file)
    return [
        feature
        for feature in features
        if feature not in book.flags and not any(p.pattern.fullmatch(feature) for p in book.phrases)
    ]


def check_phrases(features: Iterable[str], file: Path = FILE) -> None:
    """Check that every phrase is of a feature of the contract, and every feature has a phrase.

    Raises ContractError: with file and line where a feature is unknown, and naming each feature
    that has no phrase.
    """
    book, known = phrase_book(file), frozenset(features)
    named = {
        field
        for phrase in book.phrases
        for wording in phrase.wordings
        for _, field, _ in fields_of(wording)
        if field not in OWN_FIELDS and field
    }
    asked = {field for v in book.values.values() for field in (v.share, v.money) if field}
    for section, names in (
        ("themes", named),
        ("flags", set(book.flags)),
        ("values", set(book.values) | asked),
    ):
        for feature in sorted(names - known):
            raise ContractError(f"{_at(file, section, feature)}: there is no feature {feature}")
    for phrase in book.phrases:
        if not any(phrase.pattern.fullmatch(feature) for feature in known):
            written = _written(phrase.pattern)
            raise ContractError(f"{_at(file, 'themes', written)}: no feature is called {written}")
    for habit in book.habits:
        for pattern in habit.members:
            if not any(re.search(pattern, feature) for feature in known):
                where = _at(file, "habits", pattern)
                raise ContractError(f"{where}: no feature has {pattern} in its name")
    missing = without_phrase(sorted(known), file)
    if missing:
        raise ContractError(
            f"{file.name}: no phrase for {', '.join(missing)}; write one under themes"
        )


def _phrases(file: Path, themes: dict[str, dict[str, Any]]) -> Iterator[Phrase]:
    seen: set[str] = set()
    for theme, phrases in themes.items():
        for pattern, words in phrases.items():
            if pattern in seen:
                where = _at(file, "themes", pattern, 2)
                raise ContractError(f"{where}: {pattern} has a phrase already")
            seen.add(pattern)
            wordings = tuple(words) if isinstance(words, list) else (words,)
            for wording in wordings:
                _check_wording(file, pattern, str(wording))
            yield Phrase(_pattern(file, "themes", pattern), theme, wordings)


def _check_wording(file: Path, pattern: str, wording: str) -> None:
    """Refuse a wording whose fields cannot be filled."""
    where = _at(file, "themes", pattern)
    try:
        fields = [(field, how) for _, field, how in fields_of(wording) if field]
    except ValueError as error:
        raise ContractError(f"{where}: {wording!r}: {error}") from error
    for field, how in fields:
        if field in ("window", "days"):
            if "<d>" not in pattern:
                raise ContractError(f"{where}: {{{field}}} needs <d> in {pattern}")
        elif "|" not in how and how not in FORMS:
            raise ContractError(
                f"{where}: write {{{field}:...}} with one|many or {', '.join(sorted(FORMS))}"
            )


def _habit(file: Path, key: str, entry: dict[str, Any]) -> Habit:
    entries = _entries(file, "habits", key, entry, _HABIT)
    members = dict.fromkeys(entries.pop("more", []), 1) | dict.fromkeys(entries.pop("less", []), -1)
    if not members:
        raise ContractError(f"{_at(file, 'habits', f'  {key}:')}: {key} needs more or less")
    for pattern in members:
        _pattern(file, "habits", pattern)
    return Habit(key, members, **entries)


def _entries(file: Path, section: str, key: str, entry: Any, allowed: set[str]) -> dict[str, Any]:
    if not isinstance(entry, dict) or set(entry) - allowed:
        where = _at(file, section, f"  {key}:")
        raise ContractError(f"{where}: {key} has {', '.join(sorted(allowed))}")
    return dict(entry)


def _pattern(file: Path, section: str, written: str) -> re.Pattern[str]:
    try:
        return re.compile(written.replace("<d>", r"(?P<days>\d+)d"))
    except re.error as error:
        raise ContractError(f"{_at(file, section, written)}: {written}: {error}") from error


def _written(pattern: re.Pattern[str]) -> str:
    return pattern.pattern.replace(r"(?P<days>\d+)d", "<d>")


def _any_of(file: Path, section: str, patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_pattern(file, section, pattern).pattern for pattern in patterns))


def _at(file: Path, section: str, text: str, nth: int = 1) -> str:
    """File and line on which a text stands for the nth time in a section."""
    lines = file.read_text(encoding="utf-8").splitlines()
    start = lines.index(f"{section}:")
    found = [n for n, line in enumerate(lines, 1) if n > start and text in line] or [start + 1]
    return f"{file.name}, line {found[min(nth, len(found)) - 1]}"
