"""Read one YAML file of the project; say where in it something stands."""

from pathlib import Path
from typing import Any

import yaml

from data_contracts.definitions.contract import ContractError

PROJECT = Path(__file__).parents[2]


class _UniqueKeyLoader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe loader that refuses a key that a mapping has twice: the second would silently win."""


def _unique_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: {key!r} stands there twice")
        seen.add(key)
    return dict(yaml.SafeLoader.construct_mapping(loader, node, deep=True))


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file; an unreadable file names itself and the line."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractError(f"{in_project(path)}: not valid YAML: {error}") from error


def in_project(path: Path) -> str:
    """A path as messages name it: from the project's folder on."""
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def line_of(path: Path, key: str) -> str:
    """'churn_28d.yaml, line 4': where a top-level key stands; line 1 for a missing one."""
    lines = path.read_text(encoding="utf-8").splitlines()
    numbers = (number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
    return f"{path.name}, line {next(numbers, 1)}"
