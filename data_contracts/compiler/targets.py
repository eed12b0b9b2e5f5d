"""Targets from their files, each expression checked against the columns it may name."""

import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

from data_contracts.compiler.conditions import check_condition
from data_contracts.compiler.loading import read_yaml
from data_contracts.compiler.windows import WINDOW_COLUMNS
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.target import Target, TargetError, target_from_mapping


def load_targets(folder: Path, features: dict[str, str], sensitive: set[str]) -> dict[str, Target]:
    """Every target by name; those with for_each as they are written, one for all values.

    `features` maps the columns a population may name to SQL types. Raises ContractError naming
    file and line on whatever cannot be honoured.
    """
    return {path.stem: _load(path, features, sensitive) for path in sorted(folder.glob("*.yaml"))}


def _load(path: Path, features: dict[str, str], sensitive: set[str]) -> Target:
    content = read_yaml(path)
    if not isinstance(content, dict):
        raise ContractError(f"{path.name}, line 1: a target is a list of keys and values")
    try:
        target = target_from_mapping(content)
    except TargetError as error:
        faults = "; ".join(f"{_at(path, key)}: {message}" for key, message in error.faults)
        raise ContractError(faults) from error
    if target.name.replace("_{value}", "") != path.stem:
        told = f"the file of {target.name} is {target.name.replace('_{value}', '')}.yaml"
        raise ContractError(f"{_at(path, 'name')}: {told}")
    windows = dict.fromkeys(WINDOW_COLUMNS, "double")
    label, used = check_condition(target.label, windows, sensitive, _at(path, "label"))
    if "category_order_count" in used and target.category is None:
        raise ContractError(f"{_at(path, 'label')}: category_order_count needs the key category")
    where = _at(path, "population")
    population, _ = check_condition(target.population, features, sensitive, where)
    if target.for_each is not None and features.get(target.for_each) != "varchar":
        told = f"for_each names a text feature, and {target.for_each} is none"
        raise ContractError(f"{_at(path, 'for_each')}: {told}")
    for key in ("rules", "trusted_features"):
        for name in getattr(target, key):
            check_condition(name, features, sensitive, _at(path, key))
    return replace(target, label=label, population=population)


def expand_target(target: Target, values: list[str]) -> list[Target]:
    """One target for each value; '{value}' stands for it, in the name as an identifier."""
    said = Counter(slug_of(value) for value in values)
    return [
        replace(
            target,
            name=target.name.replace("{value}", slug_of(value, said[slug_of(value)] == 1)),
            question=target.question.replace("{value}", value),
            category=(target.category or "").replace("{value}", value) or None,
            for_each=None,
            leading=0,
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


def _at(path: Path, key: str) -> str:
    """'churn_28d.yaml, line 4': where a key stands; line 1 for a missing one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
    return f"{path.name}, line {next(found, 1)}"
