"""What a clustering looks at: one lens, described and validated. Its file is read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("kmeans", "gmm", "ward", "hdbscan", "tree", "ladder")
_KEYS = {"name", "question", "sizes", "spaces", "names_tell_level"}
_OPTIONAL = {"names_tell_level"}
_SPACE_KEYS = {"families", "names", "methods"}
_SIZES = ("least", "most", "smallest_share")
FEWEST, MOST = 2, 26


class LensError(ValueError):
    """A lens is described wrongly; the message lists every fault."""


@dataclass(frozen=True)
class LensSpace:
    """One set of columns in which customers are compared, and the methods tried in it.

    by_family: columns that the lens takes by their family; only those that describe a habit are
    used. named: columns that it takes by name. The two do not overlap.
    """

    name: str
    by_family: tuple[str, ...]
    named: tuple[str, ...]
    methods: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, those by name last."""
        return self.by_family + self.named


@dataclass(frozen=True)
class Lens:
    """One clustering: a question, the spaces in which it is answered, and limits of size.

    least, most: numbers of clusters tried. smallest_share: no cluster may hold less of the
    customers. names_tell_level: whether names begin with the level of spending.
    """

    name: str
    question: str
    spaces: tuple[LensSpace, ...]
    least: int
    most: int
    smallest_share: float
    names_tell_level: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of every space once, in order of appearance."""
        return tuple(dict.fromkeys(name for space in self.spaces for name in space.columns))


def check_lens(content: Mapping[str, Any]) -> None:
    """Check the content of a lens file. Raises LensError with every fault.

    Keys: name, question, sizes (least, most, smallest_share), spaces (each: families and names of
    columns, methods), and optionally names_tell_level.
    """
    faults = _unknown(content, _KEYS, "") + _missing(content, _KEYS - _OPTIONAL)
    sizes = content.get("sizes")
    faults += _size_faults(sizes) if isinstance(sizes, Mapping) else ["sizes must be a mapping"]
    spaces = content.get("spaces")
    if not isinstance(spaces, Mapping) or not spaces:
        faults.append("spaces must name at least one set of columns")
    else:
        for name, space in spaces.items():
            faults += _space_faults(str(name), space)
    if not isinstance(content.get("names_tell_level", False), bool):
        faults.append("names_tell_level must be true or false")
    if faults:
        raise LensError("; ".join(faults))


def _unknown(content: Mapping[str, Any], allowed: set[str], where: str) -> list[str]:
    return [f"unknown key {where}{key}" for key in sorted(set(map(str, content)) - allowed)]


def _missing(content: Mapping[str, Any], needed: set[str]) -> list[str]:
    return [f"missing key {key}" for key in sorted(needed - set(content))]


def _size_faults(sizes: Mapping[str, Any]) -> list[str]:
    faults = _unknown(sizes, set(_SIZES), "sizes.")
    least, most, share = (sizes.get(key) for key in _SIZES)
    if not (isinstance(least, int) and isinstance(most, int) and FEWEST <= least <= most <= MOST):
        faults.append(f"sizes need whole numbers {FEWEST} <= least <= most <= {MOST}")
    if not (isinstance(share, float) and 0.0 < share < 0.5):
        faults.append("sizes.smallest_share must lie between 0 and 0.5")
    return faults


def _space_faults(name: str, space: Any) -> list[str]:
    if not isinstance(space, Mapping):
        return [f"space {name} must hold families or names, and methods"]
    faults = _unknown(space, _SPACE_KEYS, f"spaces.{name}.")
    if not space.get("families") and not space.get("names"):
        faults.append(f"space {name} names no column")
    for key in _SPACE_KEYS:
        if not isinstance(space.get(key, []), list):
            faults.append(f"spaces.{name}.{key} must be a list")
    methods = space.get("methods") or []
    wrong = [str(method) for method in methods if method not in METHODS]
    if not methods or wrong:
        refused = f" ({', '.join(wrong)})" if wrong else ""
        faults.append(f"methods of space {name} are of {', '.join(METHODS)}{refused}")
    return faults
