"""Why a customer scores as they do, from the model that scored.

A margin is the sum of its features' contributions and a base. Features that tell of one thing,
such as the orders of 28 and of 91 days, share a theme: a reason is a theme with the sum of its
contributions, told by the feature that does most in that direction. So three reasons say three
things, and all themes and the base still add up to the margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.frames import Floats, Matrix
from ml.targets.model import FittedModel

TOP = 3
NONE = -1


@dataclass(frozen=True)
class Themes:
    """Features gathered by what they tell of: positions of the members, theme by theme."""

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, features: Sequence[str], themes: Mapping[str, str]) -> Themes:
        """`themes`: feature -> theme; a feature that it lacks is a theme of its own."""
        found: dict[str, list[int]] = {}
        for position, feature in enumerate(features):
            found.setdefault(themes.get(feature, feature), []).append(position)
        return cls(tuple(found), tuple(map(tuple, found.values())))

    def gather(self, parts: Floats) -> Floats:
        """Contributions (n, features + 1) as (themes, n): each theme's sum, the base left out."""
        columns = parts.T
        gathered = np.empty((len(self.members), len(parts)))
        for theme, members in enumerate(self.members):
            gathered[theme] = columns[members[0]]
            for member in members[1:]:
                gathered[theme] += columns[member]
        return gathered


@dataclass(frozen=True)
class TopReasons:
    """The strongest reasons of n rows, strongest first; arrays of shape (places, n).

    feature: position of the feature that tells it, NONE where no reason is left.
    value: its raw value, nan where unknown. contribution: the whole theme's, on the margin's scale.
    """

    feature: NDArray[np.intp]
    value: Floats
    contribution: Floats


def total(parts: Floats) -> Floats:
    """Margins from contributions, added in the order of the columns, whatever the batch."""
    margin = np.zeros(len(parts))
    for column in parts.T:
        margin += column
    return margin


def top_reasons(parts: Floats, x: Matrix, themes: Themes, places: int = TOP) -> TopReasons:
    """The themes with the largest contributions by size; of equals, the first feature's.

    parts: (n, features + 1) of x (n, features). A theme without effect is no reason.
    """
    gathered = themes.gather(parts)
    sizes = np.abs(gathered)
    rows = np.arange(len(x))
    shape = (places, len(x))
    feature = np.full(shape, NONE, dtype=np.intp)
    value, contribution = np.full(shape, np.nan), np.full(shape, np.nan)
    for place in range(places):
        chosen = _largest(sizes)
        there = np.flatnonzero(chosen != NONE)
        contribution[place, there] = gathered[chosen[there], there]
        sizes[chosen[there], there] = 0.0
        feature[place] = _speakers(parts, gathered, chosen, themes)
        spoken = feature[place, there]
        value[place, there] = x[rows[there], spoken]
    return TopReasons(feature, value, contribution)


def _largest(sizes: Floats) -> NDArray[np.intp]:
    """The row with the largest size of every column of (themes, n); NONE where all are zero."""
    best, chosen = np.zeros(sizes.shape[1]), np.full(sizes.shape[1], NONE, dtype=np.intp)
    for theme, size in enumerate(sizes):
        larger = size > best
        np.copyto(best, size, where=larger)
        chosen[larger] = theme
    return chosen


def _speakers(
    parts: Floats, gathered: Floats, chosen: NDArray[np.intp], themes: Themes
) -> NDArray[np.intp]:
    """The member that does most for its theme, in the direction of the theme's sum; (n,)."""
    columns = parts.T
    speaker = np.full(len(chosen), NONE, dtype=np.intp)
    order = np.argsort(chosen, kind="stable")
    starts = np.searchsorted(chosen[order], np.arange(len(themes.members) + 1))
    for theme, members in enumerate(themes.members):
        rows = order[starts[theme] : starts[theme + 1]]
        if len(members) == 1:
            speaker[rows] = members[0]
        elif len(rows):
            places = np.asarray(members)
            among = columns[np.ix_(places, rows)] * np.sign(gathered[theme, rows])
            speaker[rows] = places[among.argmax(axis=0)]
    return speaker


@dataclass(frozen=True)
class Reason:
    """One theme's part in a margin, told by one feature."""

    feature: str
    value: float | None
    contribution: float


def explain(
    model: FittedModel, x: Matrix, themes: Mapping[str, str], places: int = TOP
) -> list[list[Reason]]:
    """The largest reasons of every row of x (n, features), largest first."""
    gathered = Themes.of(model.features, themes)
    top = top_reasons(model.estimator.contributions(x), x, gathered, places)
    found = []
    for row in range(len(x)):
        reasons = []
        for place in range(places):
            position = top.feature[place, row]
            if position != NONE:
                value = float(top.value[place, row])
                known = None if np.isnan(value) else value
                contribution = float(top.contribution[place, row])
                reasons.append(Reason(model.features[position], known, contribution))
        found.append(reasons)
    return found
