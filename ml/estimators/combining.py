"""Parts that combine others: a number times a learned factor, weighted sums, longer horizons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ml.estimators.base import Estimator, no_parts
from ml.estimators.btyd.models import BuyTillYouDie
from ml.frames import Floats, Matrix

# A base of nothing still has this part of the mean label, so that a factor can raise it.
FLOOR_SHARE = 0.01
# Factors outside of exp(-4) to exp(4) are errors, not customers.
FACTOR_RANGE = 4.0


class Factor(Estimator, Protocol):
    """A part whose margin is the log of labels over an exposure."""

    def fit(self, x: Matrix, y: Floats, exposure: Floats | None = None) -> Self:
        """Learn the log of y over exposure (n,), > 0."""


def logarithmic_mean(a: Floats, b: Floats) -> Floats:
    """(a - b) / (log a - log b), and a where both are equal; a, b > 0."""
    ratio = np.log(a / b)
    close = np.abs(ratio) < 1e-9
    return np.where(close, (a + b) / 2.0, (a - b) / np.where(close, 1.0, ratio))


class Scaled(BaseEstimator):  # type: ignore[misc]
    """A simple number times a learned factor (not for probabilities).

    Spending is close to linear in past spending: a model that starts from the number carried
    forward keeps its level under drift and only learns in whom it rises or falls.
    column: the one that the base reads.
    Learned: floor_, typical_ (the geometric mean of the base).
    """

    def __init__(self, base: Estimator, column: int, factor: Factor) -> None:
        self.base = base
        self.column = column
        self.factor = factor

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit the base, then the factor on top of it."""
        self.base.fit(x, y)
        return self.fit_factor(x, y)

    def fit_factor(self, x: Matrix, y: Floats) -> Self:
        """Fit only the factor; the base is fitted already."""
        self.floor_ = max(FLOOR_SHARE * float(np.maximum(y, 0.0).mean()), 1e-9)
        start = self._start(x)
        self.typical_ = float(np.exp(np.log(start).mean()))
        self.factor.fit(x, y, start)
        return self

    def _start(self, x: Matrix) -> Floats:
        return self.floor_ + np.maximum(self.base.margin(x), 0.0)

    def _factor(self, margin: Floats) -> Floats:
        return np.exp(np.clip(margin, -FACTOR_RANGE, FACTOR_RANGE))

    def margin(self, x: Matrix) -> Floats:
        """Numbers, shape (n,)."""
        return self._start(x) * self._factor(self.factor.margin(x))

    def contributions(self, x: Matrix) -> Floats:
        """The logs of what multiplies, turned into what adds.

        What multiplies is the factor's parts and the base over its typical value. Each log times
        the logarithmic mean of the number and of what nothing explains is that part's share of
        their difference, exactly (additive LMDI: B. W. Ang, Energy Policy 33 (2005) 867-871).
        """
        start, total = self._start(x), self.factor.margin(x)
        parts = self.factor.contributions(x)
        # Where the factor is cut at its range, its parts shrink with it.
        cut = np.clip(total, -FACTOR_RANGE, FACTOR_RANGE)
        parts *= np.divide(cut, total, out=np.ones_like(total), where=total != 0.0)[:, None]
        unexplained = self.typical_ * np.exp(parts[:, -1])
        parts[:, self.column] += np.log(start / self.typical_)
        number = start * self._factor(total)
        shares = parts * logarithmic_mean(number, unexplained)[:, None]
        shares[:, -1] = unexplained
        return shares

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": "scaled",
            "base": self.base.to_dict(),
            "column": self.column,
            "factor": self.factor.to_dict(),
            "floor": self.floor_,
            "typical": self.typical_,
        }

    @classmethod
    def from_parts(cls, content: dict[str, Any], base: Estimator, factor: Factor) -> Scaled:
        """The inverse of to_dict, with its members rebuilt."""
        made = cls(base, int(content["column"]), factor)
        made.floor_, made.typical_ = float(content["floor"]), float(content["typical"])
        return made


class Blend(BaseEstimator):  # type: ignore[misc]
    """A weighted sum of unlike members' margins. names, weights (>= 0): one per member.

    There is no intercept: one learned at an older origin would carry its drift into the future.
    """

    def __init__(
        self, names: Sequence[str], members: Sequence[Estimator], weights: Sequence[float]
    ) -> None:
        self.names = names
        self.members = members
        self.weights = weights

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit every member; the weights are given."""
        for member in self.members:
            member.fit(x, y)
        return self

    def _used(self) -> list[tuple[float, Estimator]]:
        pairs = zip(self.weights, self.members, strict=True)
        return [(weight, member) for weight, member in pairs if weight > 0.0]

    def margin(self, x: Matrix) -> Floats:
        """The weighted sum of the members' margins."""
        total = np.zeros(len(x))
        for weight, member in self._used():
            total += weight * member.margin(x)
        return total

    def contributions(self, x: Matrix) -> Floats:
        """The weighted sum of the members' contributions."""
        total = no_parts(x)
        for weight, member in self._used():
            total += weight * member.contributions(x)
        return total

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": "blend",
            "names": list(self.names),
            "members": [member.to_dict() for member in self.members],
            "weights": [float(weight) for weight in self.weights],
        }


class Stretched(BaseEstimator):  # type: ignore[misc]
    """A model of `learned_days`, at work for the longer horizon of a BTYD model.

    The horizon holds as many windows of `learned_days` as it is longer if nobody leaves, fewer by
    the departures that the BTYD model expects of the customer. The one overstates, the other takes
    the departures of a young history for those to come; the mean of both is taken.
    later: what the time after `learned_days` was worth where it could be tested, beside that mean.
    """

    def __init__(
        self, model: Estimator, btyd: BuyTillYouDie, learned_days: int, later: float = 1.0
    ) -> None:
        self.model = model
        self.btyd = btyd
        self.learned_days = learned_days
        self.later = later

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit the model on labels of `learned_days`; the BTYD model is fitted already."""
        self.model.fit(x, y)
        return self

    def growth(self, x: Matrix) -> Floats:
        """How many of the learned windows the horizon is worth, shape (n,)."""
        longest = self.btyd.horizon_days / self.learned_days
        learned = self.btyd.answering("count", self.learned_days).margin(x)
        orders = self.btyd.margin(x)
        expected = np.full(len(x), longest)
        np.divide(orders, learned, out=expected, where=learned > 0.0)
        mean = (longest + np.clip(expected, 1.0, longest)) / 2.0
        return np.asarray(1.0 + self.later * (mean - 1.0))

    def margin(self, x: Matrix) -> Floats:
        """Numbers, shape (n,)."""
        return self.model.margin(x) * self.growth(x)

    def contributions(self, x: Matrix) -> Floats:
        """Those of the model, all grown alike: why a customer scores as they do stays the same."""
        return self.model.contributions(x) * self.growth(x)[:, None]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        parts = {"model": self.model.to_dict(), "law": self.btyd.to_dict()}
        told = {"learned_days": self.learned_days, "later": self.later}
        return {"type": "stretched", **told, **parts}


class Opposite(BaseEstimator):  # type: ignore[misc]
    """A model of a chance that answers the opposite question: its log odds with the other sign."""

    def __init__(self, part: Estimator) -> None:
        self.part = part

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit the part on the opposite labels."""
        self.part.fit(x, 1.0 - y)
        return self

    def margin(self, x: Matrix) -> Floats:
        """Log odds of the opposite, shape (n,)."""
        return -self.part.margin(x)

    def contributions(self, x: Matrix) -> Floats:
        """The part's contributions with the other sign."""
        return -self.part.contributions(x)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {"type": "opposite", "part": self.part.to_dict()}


class OnColumns(BaseEstimator):  # type: ignore[misc]
    """A part that was fitted on some columns, at work on the whole feature list.

    columns: their positions, in the order in which the part knows them.
    """

    def __init__(self, columns: NDArray[np.intp], part: Estimator) -> None:
        self.columns = columns
        self.part = part

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit the part on its columns of x (n, features)."""
        self.part.fit(x[:, self.columns], y)
        return self

    def margin(self, x: Matrix) -> Floats:
        """The part's margins, shape (n,)."""
        return self.part.margin(x[:, self.columns])

    def contributions(self, x: Matrix) -> Floats:
        """The part's contributions at their places; nothing for the columns it does not know."""
        known = self.part.contributions(x[:, self.columns])
        parts = no_parts(x)
        parts[:, self.columns] = known[:, :-1]
        parts[:, -1] = known[:, -1]
        return parts

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        columns = [int(column) for column in self.columns]
        return {"type": "on_columns", "columns": columns, "part": self.part.to_dict()}
