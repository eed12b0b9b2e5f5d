"""Lenses from their files, each column checked against those that models may see."""

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from data_contracts.compiler.files import read_yaml
from data_contracts.definitions.contract import Column, ContractError
from data_contracts.definitions.hints import did_you_mean
from data_contracts.definitions.lens import Lens, LensError, LensSpace, check_lens

# Dates tell when, which tenure and recency say in days.
USABLE = ("double", "bigint", "boolean", "decimal(18,4)", "varchar")


def load_lenses(folder: Path, features: list[Column], sensitive: set[str]) -> dict[str, Lens]:
    """Every lens by name, in the order of the files. `features`: the columns of the mart.

    Raises ContractError naming file and line on whatever cannot be honoured.
    """
    lenses = {}
    for path in sorted(folder.glob("*.yaml")):
        content = read_yaml(path)
        try:
            check_lens(content or {})
        except LensError as error:
            raise ContractError(f"{path.name}: {error}") from error
        if content["name"] != path.stem or not path.stem.isidentifier():
            raise ContractError(
                f"{path.name}: name is {content['name']!r}; the file of a clustering is called "
                "after it, by a lower-case identifier"
            )
        lenses[path.stem] = _lens(path, content, features, sensitive)
    return lenses


def _lens(path: Path, content: dict[str, Any], features: list[Column], sensitive: set[str]) -> Lens:
    spaces = []
    for name, space in content["spaces"].items():
        named: list[str] = []
        for pattern in space.get("names", []):
            named += _matching(path, pattern, features, sensitive)
        by_family: list[str] = []
        for family in space.get("families", []):
            by_family += _family(path, family, features, sensitive)
        spaces.append(
            LensSpace(
                str(name),
                tuple(n for n in dict.fromkeys(by_family) if n not in named),
                tuple(dict.fromkeys(named)),
                tuple(space["methods"]),
            )
        )
    return Lens(
        content["name"],
        content["question"],
        tuple(spaces),
        **content["sizes"],
        names_tell_level=content.get("names_tell_level", False),
    )


def _matching(path: Path, pattern: str, features: list[Column], sensitive: set[str]) -> list[str]:
    """The columns that a name or a pattern with * stands for."""
    where = f"{path.name}, line {_line_of(path, pattern)}"
    if pattern in sensitive:
        raise ContractError(f"{where}: {pattern} is sensitive and can never define a cluster")
    names = [c.name for c in features if c.sql_type in USABLE and c.name not in sensitive]
    matching = [name for name in names if fnmatchcase(name, pattern)]
    if not matching:
        hint = did_you_mean(pattern, names)
        raise ContractError(f"{where}: no column to compare customers by is {pattern}{hint}")
    return matching


def _family(path: Path, family: str, features: list[Column], sensitive: set[str]) -> list[str]:
    """The numeric columns of a family; texts are compared only where a lens names them."""
    families = {column.family for column in features if column.family}
    if family not in families:
        hint = did_you_mean(family, families)
        where = f"{path.name}, line {_line_of(path, family)}"
        raise ContractError(f"{where}: there is no family of features {family}{hint}")
    return [
        column.name
        for column in features
        if family == column.family
        and column.sql_type in USABLE
        and column.sql_type != "varchar"
        and column.name not in sensitive
    ]


def _line_of(path: Path, word: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)
