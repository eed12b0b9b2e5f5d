"""Targets from their files, each expression checked against the columns it may name."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from data_contracts.compiler.conditions import check_condition
from data_contracts.compiler.files import line_of, read_yaml
from data_contracts.compiler.windows import WINDOW_COLUMNS
from data_contracts.definitions.contract import Column, ContractError
from data_contracts.definitions.pairs import PairTables
from data_contracts.definitions.target import Target, TargetError, target_from_mapping

# Kind -> what a score of it is, and its unit. A probability has none, nor has a count: the question
# says what is counted.
SCORES: dict[str, tuple[str, str]] = {
    "probability": ("Probability (0 to 1) that the answer is yes", ""),
    "amount": ("Expected amount in the reporting currency", "reporting currency"),
    "count": ("Expected number", ""),
    "time": ("Expected number of days", "days"),
}


def load_targets(
    folder: Path,
    features: dict[str, str],
    sensitive: set[str],
    pairs: Mapping[str, PairTables] = MappingProxyType({}),
) -> dict[str, Target]:
    """Every target by name; those with for_each as they are written, one for all values.

    `features` maps the columns a population may name to SQL types, `pairs` a column that for_each
    may name to its tables. Raises ContractError naming file and line on whatever cannot be
    honoured.
    """
    files = sorted(folder.glob("*.yaml"))
    return {path.stem: _load(path, features, sensitive, pairs) for path in files}


def target_columns(folder: Path) -> dict[str, tuple[Column, Column]]:
    """Target -> its columns in `segments.customer_360`: the score and its percentile.

    A target with for_each has none: which values it stands for depends on the data.
    """
    targets = [_read(path) for path in sorted(folder.glob("*.yaml"))]
    return {target.name: _columns(target) for target in targets if target.for_each is None}


def _columns(target: Target) -> tuple[Column, Column]:
    what, unit = SCORES[target.kind]
    rank = f"Share of customers whose {target.name}_score is lower or equal."
    return (
        Column(f"{target.name}_score", "double", f"{what}: {target.question}", "internal", unit),
        Column(f"{target.name}_percentile", "double", rank, "internal"),
    )


def _load(
    path: Path, features: dict[str, str], sensitive: set[str], pairs: Mapping[str, PairTables]
) -> Target:
    target = _read(path)
    windows = dict.fromkeys(WINDOW_COLUMNS, "double")
    label, used = check_condition(target.label, windows, sensitive, line_of(path, "label"))
    if "category_order_count" in used and target.category is target.for_each is None:
        raise ContractError(
            f"{line_of(path, 'label')}: category_order_count needs the key category"
        )
    where = line_of(path, "population")
    population, _ = check_condition(target.population, features, sensitive, where)
    known = features
    if target.for_each is not None:
        if target.for_each not in pairs:
            where, named = line_of(path, "for_each"), " or ".join(sorted(pairs)) or "nothing yet"
            raise ContractError(
                f"{where}: for_each names a column by which a table of features is keyed beside "
                f"customer_id and as_of_date: {named}, not {target.for_each}"
            )
        known = features | dict.fromkeys(pairs[target.for_each].features, "double")
    for key in ("rules", "trusted_features", "customer_features"):
        for name in getattr(target, key):
            allowed = features if key == "customer_features" else known
            check_condition(name, allowed, sensitive, line_of(path, key))
    return replace(target, label=label, population=population)


def _read(path: Path) -> Target:
    """A target as its file has it; its expressions are not checked yet."""
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ContractError(f"{path.name}, line 1: a target is a list of keys and values")
    try:
        target = target_from_mapping(content)
    except TargetError as error:
        faults = "; ".join(f"{line_of(path, key)}: {message}" for key, message in error.faults)
        raise ContractError(faults) from error
    if target.name.replace("_{value}", "") != path.stem:
        where, stem = line_of(path, "name"), target.name.replace("_{value}", "")
        raise ContractError(f"{where}: the file of {target.name} is {stem}.yaml")
    return target


def pooled_target(target: Target) -> Target:
    """The question that the one model of a target with for_each learns to answer for each pair."""
    return replace(
        target,
        name=target.name.replace("_{value}", ""),
        question=target.question.replace("{value}", f"a {target.for_each}"),
        for_each=None,
        customer_features=(),
    )


def expand_target(
    target: Target, values: list[str], words: Callable[[str], str] = str
) -> list[Target]:
    """One target for each value; '{value}' stands for it, in the name as an identifier.

    words: how the question says a value.
    """
    slugs = Counter(slug_of(value) for value in values)
    return [
        replace(
            target,
            name=target.name.replace("{value}", slug_of(value, slugs[slug_of(value)] == 1)),
            question=target.question.replace("{value}", words(value)),
            category=value,
            for_each=None,
            customer_features=(),
            pooled_as=target.name.replace("_{value}", ""),
        )
        for value in values
    ]


def slug_of(value: str, is_telling: bool = True) -> str:
    """A value as part of a lower-case ASCII identifier.

    A hash tells apart what ASCII cannot say, and values of one slug, which is not telling then.
    """
    slug = "".join(c if c.isascii() and c.isalnum() else "_" for c in value.lower()).strip("_")
    if value.isascii() and is_telling:
        return slug
    return f"{slug}_{hashlib.sha256(value.encode()).hexdigest()[:6]}".strip("_")
