"""Exact TreeSHAP of small trees by table.

What a tree says of a row depends on few yes-or-no answers: seven splits have 128 patterns of them,
and the values that TreeSHAP (Lundberg and others, 2018, path-dependent: an unknown feature follows
the training rows) gives a row follow from its pattern. So they are computed once per pattern, and
a row costs a few comparisons and a look into the table. Larger trees are cut into bundles of
leaves, whose values add up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ml.frames import Floats, Matrix

# Splits of one bundle: 256 patterns fit one byte and 256 subsets of features stay quick.
MAX_SPLITS = 8
_FINITE = (np.finfo(np.float32).min, np.finfo(np.float32).max)


class TreeShapeError(ValueError):
    """The trees cannot be laid out in tables: too deep, or splits of another kind."""


class Split(NamedTuple):
    """feature <= threshold goes left; an unknown value goes left where `unknown_left`."""

    feature: int
    threshold: np.float32
    unknown_left: bool


class Leaf(NamedTuple):
    """value, and the path to it: (split, does it go left, share of the rows that do)."""

    value: float
    path: tuple[tuple[Split, bool, float], ...]


@dataclass(frozen=True)
class Bundle:
    """Leaves whose paths share a few splits.

    splits: positions in the list of all splits; features: distinct ones, ascending.
    values: (2 ** splits, features), the SHAP values of each pattern; base: the expected value.
    """

    splits: tuple[int, ...]
    features: tuple[int, ...]
    values: Floats
    base: float


@dataclass(frozen=True)
class ShapTables:
    """All trees of a model as tables."""

    splits: tuple[Split, ...]
    bundles: tuple[Bundle, ...]

    @classmethod
    def from_dump(cls, dump: dict[str, Any]) -> ShapTables:
        """From LightGBM's `Booster.dump_model()`. Raises TreeShapeError."""
        position: dict[Split, int] = {}
        bundles = []
        for tree in dump["tree_info"]:
            for leaves in _bundled(tree["tree_structure"], ()):
                splits = list(dict.fromkeys(split for leaf in leaves for split, _, _ in leaf.path))
                places = tuple(position.setdefault(split, len(position)) for split in splits)
                bundles.append(_tabulate(leaves, splits, places))
        return cls(tuple(position), tuple(bundles))

    def contributions(self, x: Matrix) -> Floats:
        """SHAP values of x (n, features), shape (n, features + 1), the expected value last.

        The memory of a column lies together: whoever adds such arrays goes column by column.
        """
        columns = np.ascontiguousarray(x.T)
        parts = np.zeros((x.shape[1] + 1, len(x)))
        answers = self._answers(columns)
        pattern = np.empty(len(x), dtype=np.uint8)
        for bundle in self.bundles:
            pattern.fill(0)
            for bit, split in enumerate(bundle.splits):
                pattern |= answers[split] << np.uint8(bit)
            rows = pattern.astype(np.intp)
            for column, feature in enumerate(bundle.features):
                parts[feature] += bundle.values[:, column].take(rows, mode="clip")
            parts[-1] += bundle.base
        return parts.T

    def _answers(self, columns: Matrix) -> NDArray[np.uint8]:
        """Shape (splits, n): 1 where a row goes left."""
        answers = np.empty((len(self.splits), columns.shape[1]), dtype=np.uint8)
        for place, split in enumerate(self.splits):
            goes_left = answers[place].view(np.bool_)
            if split.unknown_left:
                np.greater(columns[split.feature], split.threshold, out=goes_left)
                np.logical_not(goes_left, out=goes_left)
            else:
                np.less_equal(columns[split.feature], split.threshold, out=goes_left)
        return answers


def _bundled(node: dict[str, Any], path: tuple[tuple[Split, bool, float], ...]) -> Iterator[Any]:
    """The tree's leaves in bundles of at most MAX_SPLITS splits, their paths' included."""
    if "split_feature" not in node:
        if len({split for split, _, _ in path}) > MAX_SPLITS:
            raise TreeShapeError(f"a leaf lies deeper than {MAX_SPLITS} splits")
        yield [Leaf(float(node["leaf_value"]), path)]
        return
    split = _split(node)
    whole = _rows(node)
    sides = []
    for key, goes_left in (("left_child", True), ("right_child", False)):
        step = (split, goes_left, _rows(node[key]) / whole)
        sides.append(list(_bundled(node[key], (*path, step))))
    together = [leaf for bundles in sides for bundle in bundles for leaf in bundle]
    if len({step[0] for leaf in together for step in leaf.path}) <= MAX_SPLITS:
        yield together
    else:
        yield from (bundle for bundles in sides for bundle in bundles)


def _rows(node: dict[str, Any]) -> int:
    return int(node["internal_count"] if "split_feature" in node else node["leaf_count"])


def _split(node: dict[str, Any]) -> Split:
    if node["decision_type"] != "<=" or node["missing_type"] == "Zero":
        raise TreeShapeError("splits by category or with zero as unknown are not known here")
    exact = float(node["threshold"])
    # Values are float32: the largest such number that is not above the threshold parts them alike.
    threshold = np.float32(np.clip(exact, *_FINITE))
    if float(threshold) > exact:
        threshold = np.nextafter(threshold, np.float32(-np.inf))
    # Where training saw no unknown value, LightGBM reads an unknown one as zero.
    unknown_left = node["default_left"] if node["missing_type"] == "NaN" else exact >= 0.0
    return Split(int(node["split_feature"]), threshold, bool(unknown_left))


def _tabulate(leaves: list[Leaf], splits: list[Split], places: tuple[int, ...]) -> Bundle:
    """The SHAP values of every pattern of answers: the sum of what each leaf gives."""
    features = sorted({split.feature for split in splits})
    columns = {feature: column for column, feature in enumerate(features)}
    goes = dict(zip(splits, _patterns(len(splits)), strict=True))
    values, base = np.zeros((2 ** len(splits), len(features))), 0.0
    for leaf in leaves:
        agrees: dict[int, NDArray[np.bool_]] = {}
        shares: dict[int, float] = {}
        for split, goes_left, share in leaf.path:
            agreeing = goes[split] if goes_left else ~goes[split]
            known = agrees.get(split.feature)
            agrees[split.feature] = agreeing if known is None else known & agreeing
            shares[split.feature] = shares.get(split.feature, 1.0) * share
        code = np.zeros(len(values), dtype=np.intp)
        for bit, agreeing in enumerate(agrees.values()):
            code += agreeing << bit
        mine = [columns[feature] for feature in shares]
        values[:, mine] += _leaf_values(leaf.value, np.asarray(list(shares.values())))[code]
        base += leaf.value * float(np.prod(list(shares.values())))
    return Bundle(places, tuple(features), values, base)


@cache
def _patterns(splits: int) -> tuple[NDArray[np.bool_], ...]:
    """Per split whether each of the 2 ** splits patterns of answers goes left there."""
    patterns = np.arange(2**splits)
    return tuple((patterns >> split) & 1 == 1 for split in range(splits))


def _leaf_values(value: float, shares: Floats) -> Floats:
    """SHAP values of a leaf, shape (2 ** k, k), by which of its k features' answers lead to it.

    A subset of known features reaches it with probability 0 or 1 by their answers, times the
    shares of the rest.
    """
    has, weights = _game(len(shares))
    reached = np.where(has[None, :, :], has[:, None, :], shares).prod(axis=2)
    return np.asarray(value * (reached @ weights))


@cache
def _game(players: int) -> tuple[NDArray[np.bool_], Floats]:
    """Which of k features each subset has (2 ** k, k), and what its worth counts for each."""
    has = (np.arange(2**players)[:, None] >> np.arange(players)) & 1 == 1
    size = has.sum(axis=1)
    every = factorial(players)
    joined = [factorial(max(s - 1, 0)) * factorial(players - max(s, 1)) / every for s in size]
    without = [factorial(s) * factorial(max(players - s - 1, 0)) / every for s in size]
    return has, np.where(has, np.asarray(joined)[:, None], -np.asarray(without)[:, None])
