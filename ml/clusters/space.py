"""The space in which customers are compared: a few axes of lasting habits.

A mart says the same thing many times (orders, lines and units in six windows), and much of what it
says is news rather than habit (last week, recency, this month against the last). A space of all
columns is ruled by volume and moves people about every week. So columns are picked by rules about
their names and about how they behave over a month, never by a list of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.base import BaseEstimator, TransformerMixin

from ml.estimators.linear import NumericBasis
from ml.frames import Floats, Matrix, varying_columns

# Shorter windows tell what happened lately rather than what somebody usually does.
SHORTEST_HABIT_DAYS = 56
WINDOW = re.compile(r"_(\d+)([dw])(?=_|$)")
# Places in a ranking repeat what is ranked, hours and weekdays go round in a circle, ids and dates
# are no quantities, how long ago somebody came or bought is no habit, and the same weeks of last
# year are news.
_NO_HABIT = re.compile(
    r"last_year|(^|_)(recency|tenure)(_|$)|_(id|date|code|hour|weekday|quintile|decile|percentile|rank)$"
)
# A column that falls for fewer customers than this in a month counts up with age.
RARELY_FALLS = 0.01
# Columns correlated more closely than this are one axis.
SAME_AXIS = 0.8
# A habit is what a month leaves in place: the correlation of an axis with itself a month later.
LASTING = 0.9
# Scaled values beyond these quantiles are cut, so that no odd customer makes a cluster alone.
CUT = (0.005, 0.995)


def window_days(feature: str) -> list[int]:
    """The windows in a feature's name, in days."""
    return [int(n) * (7 if unit == "w" else 1) for n, unit in WINDOW.findall(feature)]


def is_habit(feature: str) -> bool:
    """Whether a feature can tell a habit, by its name: at most one window, and that a long one."""
    windows = window_days(feature)
    news = len(windows) > 1 or min(windows, default=SHORTEST_HABIT_DAYS) < SHORTEST_HABIT_DAYS
    return not news and not _NO_HABIT.search(feature)


def habit_columns(
    features: Sequence[str], x: Matrix, before: Matrix, after: Matrix
) -> NDArray[np.intp]:
    """Positions of the columns that tell a habit; of several windows the longest.

    before, after: the same customers a month apart; no rows where that is not known. A column that
    only counts up (lifetime totals, windows longer than the history) is left out. Falls back on all
    varying columns when fewer than two tell a habit.
    """
    varying = varying_columns(x)
    kept = [
        p for p in varying.tolist() if is_habit(features[p]) and not _counts_up(p, before, after)
    ]
    longest: dict[str, int] = {}
    for position in kept:
        stem = WINDOW.sub("", features[position])
        rival = longest.get(stem)
        name = features[position]
        if rival is None or window_days(name) > window_days(features[rival]):
            longest[stem] = position
    found = np.sort(np.asarray(list(longest.values()), dtype=np.intp))
    return found if found.size >= 2 else varying


def _counts_up(position: int, before: Matrix, after: Matrix) -> bool:
    change = after[:, position] - before[:, position]
    change = change[~np.isnan(change)]
    return bool(len(change) and (change > 0).any() and (change < 0).mean() < RARELY_FALLS)


class BehaviourSpace(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Log, impute, scale, cut, and average closely correlated columns into axes; fitted once.

    columns: positions to use; None means all that vary.
    Learned: basis_, centres_, scales_, low_, high_, means_, axes_ (columns x dimensions).
    """

    def __init__(self, columns: tuple[int, ...] | None = None) -> None:
        self.columns = columns

    def fit(
        self,
        x: Matrix,
        y: Floats | None = None,  # noqa: ARG002
        before: Matrix | None = None,
        after: Matrix | None = None,
    ) -> Self:
        """Learn from x (n, features).

        before, after: the same customers a month apart (m, features). With them only lasting axes
        are kept, at least the two most lasting.
        """
        self.basis_ = NumericBasis(self.columns).fit(x)
        values = self._values(x)
        self.centres_ = values.mean(axis=0)
        deviation = values.std(axis=0)
        self.scales_ = np.where(deviation > 0.0, deviation, 1.0)
        scaled = (values - self.centres_) / self.scales_
        self.low_, self.high_ = np.quantile(scaled, CUT, axis=0)
        cut = np.clip(scaled, self.low_, self.high_)
        self.means_ = cut.mean(axis=0)
        self.axes_ = _axes(cut - self.means_)
        if before is not None and after is not None and len(before) > 2:
            self.axes_ = self.axes_[:, _lasting(self.transform(before), self.transform(after))]
        return self

    def _values(self, x: Matrix) -> Floats:
        return self.basis_.transform(x)[:, : len(self.basis_.columns_)]

    def transform(self, x: Matrix) -> Floats:
        """Shape (n, dimensions)."""
        scaled = (self._values(x) - self.centres_) / self.scales_
        cut = np.clip(scaled, self.low_, self.high_) - self.means_
        return np.asarray(np.einsum("np,pd->nd", cut, self.axes_, optimize=False))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        keys = ("centres_", "scales_", "low_", "high_", "means_", "axes_")
        learned = {key: getattr(self, key).tolist() for key in keys}
        return {"basis": self.basis_.to_dict(), **learned}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> BehaviourSpace:
        """The inverse of to_dict."""
        made = cls()
        made.basis_ = NumericBasis.from_dict(content["basis"])
        for key in ("centres_", "scales_", "low_", "high_", "means_", "axes_"):
            setattr(made, key, np.asarray(content[key], dtype=np.float64))
        return made


def _axes(centred: Floats) -> Floats:
    """Axes (columns, groups): means of the columns of a group, turned one way, of deviation 1."""
    deviation = centred.std(axis=0)
    alive = np.flatnonzero(deviation > 0.0)
    if not alive.size:
        return np.zeros((len(deviation), 1))
    signs: Floats = np.ones((1, 1))
    groups = np.array([1])
    if alive.size > 1:
        signs = np.asarray(np.corrcoef(centred[:, alive].T))
        apart = np.clip(1.0 - np.abs(signs), 0.0, None)
        np.fill_diagonal(apart, 0.0)
        tree = linkage(squareform(apart, checks=False), "average")
        groups = fcluster(tree, 1.0 - SAME_AXIS, "distance")
    axes = []
    for group in dict.fromkeys(groups.tolist()):
        members = np.flatnonzero(groups == group)
        axis = np.zeros(len(deviation))
        axis[alive[members]] = np.sign(signs[members[0], members])
        axes.append(axis / (centred @ axis).std())
    return np.stack(axes, axis=1)


def _lasting(before: Floats, after: Floats) -> NDArray[np.intp]:
    with np.errstate(invalid="ignore"):
        kept = np.array([np.corrcoef(b, a)[0, 1] for b, a in zip(before.T, after.T, strict=True)])
    kept = np.nan_to_num(kept, nan=-1.0)
    lasting = np.flatnonzero(kept >= LASTING)
    return lasting if lasting.size >= 2 else np.sort(np.argsort(-kept, kind="stable")[:2])
