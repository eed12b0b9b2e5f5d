"""The rules of identity as validated data; `data_contracts/identity/rules.yaml` is the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_contracts.definitions.hints import did_you_mean

TYPES = ("source_customer_id", "loyalty_id", "email", "phone", "anonymous_id", "device_id")
JOINS = ("always", "agreed", "follows")
# Which of several values of a column survives in the golden record.
WAYS = ("newest", "oldest", "most_trusted")
ENTRIES = {
    "identifiers",
    "blocked",
    "role_addresses",
    "email_folding",
    "default_region",
    "size_cap",
    "matching",
    "over_merge_budget",
}
BUDGET = (
    "largest_customer_identifiers",
    "emails_per_customer_p999",
    "records_per_customer_p999",
)


class RulesError(ValueError):
    """Rules that cannot be honoured: the message names the entry and what to change."""


@dataclass(frozen=True)
class TypeRule:
    """One identifier type; `priority` 0 is the strongest. `within_days` None means ever."""

    name: str
    priority: int
    joins: str
    at_most: int
    within_days: int | None


@dataclass(frozen=True)
class Rules:
    """Everything that decides who is joined with whom."""

    types: Mapping[str, TypeRule]
    blocked_values: frozenset[str]
    blocked_patterns: tuple[str, ...]
    blocked_by_type: Mapping[str, tuple[str, ...]]
    role_addresses: frozenset[str]
    plus_at: frozenset[str]
    dots_at: frozenset[str]
    default_region: str
    size_cap: int
    accept: float
    review: float
    fewest_records: int
    budget: Mapping[str, float]


def rules_from_mapping(document: Mapping[str, Any]) -> Rules:
    """Validate the parsed file. Raises RulesError on an unknown, missing or senseless entry."""
    _check_entries("", document, ENTRIES)
    blocked = document["blocked"]
    _check_entries("blocked", blocked, {"values", "patterns", "by_type"})
    _check_entries("blocked.by_type", blocked["by_type"], set(TYPES), all_needed=False)
    folding = document["email_folding"]
    _check_entries("email_folding", folding, {"plus_at", "dots_at"})
    matching = document["matching"]
    _check_entries("matching", matching, {"accept", "review", "fewest_records"})
    if not 0 < matching["review"] <= matching["accept"] <= 1:
        raise RulesError("matching: 0 < review <= accept <= 1 must hold")
    budget = document["over_merge_budget"]
    _check_entries("over_merge_budget", budget, set(BUDGET))
    region = str(document["default_region"])
    if not re.fullmatch("[A-Z]{2}", region):
        raise RulesError(f"default_region: a country code of two capitals, not {region!r}")
    return Rules(
        types=_types(document["identifiers"]),
        blocked_values=frozenset(str(value).strip().lower() for value in blocked["values"]),
        blocked_patterns=_patterns("blocked.patterns", blocked["patterns"]),
        blocked_by_type={
            name: _patterns(f"blocked.by_type.{name}", patterns)
            for name, patterns in blocked["by_type"].items()
        },
        role_addresses=frozenset(document["role_addresses"]),
        plus_at=frozenset(folding["plus_at"]),
        dots_at=frozenset(folding["dots_at"]),
        default_region=region,
        size_cap=_positive("size_cap", document["size_cap"]),
        accept=float(matching["accept"]),
        review=float(matching["review"]),
        fewest_records=_positive("matching.fewest_records", matching["fewest_records"]),
        budget={name: float(_positive(name, budget[name])) for name in BUDGET},
    )


def _types(document: Mapping[str, Any]) -> dict[str, TypeRule]:
    _check_entries("identifiers", document, set(TYPES))
    types = {}
    for priority, (name, entry) in enumerate(document.items()):
        where = f"identifiers.{name}"
        _check_entries(where, entry, {"joins", "at_most", "within_days"}, all_needed=False)
        if entry.get("joins") not in JOINS:
            raise RulesError(f"{where}: joins is one of {', '.join(JOINS)}")
        days = entry.get("within_days")
        types[name] = TypeRule(
            name,
            priority,
            entry["joins"],
            _positive(f"{where}.at_most", entry.get("at_most")),
            None if days is None else _positive(f"{where}.within_days", days),
        )
    return types


def _check_entries(
    where: str, entries: Mapping[str, Any], allowed: set[str], all_needed: bool = True
) -> None:
    prefix = f"{where}: " if where else ""
    if not isinstance(entries, Mapping):
        raise RulesError(f"{prefix}a mapping is needed, not {entries!r}")
    for name in entries:
        if name not in allowed:
            hint = did_you_mean(str(name), allowed) or f"; use {', '.join(sorted(allowed))}"
            raise RulesError(f"{prefix}there is no entry {name!r}{hint}")
    missing = sorted(allowed - set(entries))
    if all_needed and missing:
        raise RulesError(f"{prefix}missing {', '.join(missing)}")


def _positive(where: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise RulesError(f"{where}: a whole number of 1 or more is needed, not {value!r}")
    return int(value)


def _patterns(where: str, patterns: list[str]) -> tuple[str, ...]:
    """Checked by the engine that will use them: Arrow's, which knows no look-around."""
    for pattern in patterns:
        try:
            pc.match_substring_regex(pa.array([""]), pattern)
        except pa.ArrowInvalid as error:
            raise RulesError(f"{where}: {pattern!r} is no regular expression: {error}") from error
    return tuple(patterns)
