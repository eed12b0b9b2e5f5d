"""A step of the margin for each class of recency: who is silent is worth what the silent are worth.

Most of a total is held by those who ordered lately, so that a total can be right and those who have
been silent for a quarter be worth half of what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from data_contracts.definitions.target import Kind
from ml.estimators.base import Estimator
from ml.estimators.btyd.models import INPUTS
from ml.frames import Floats, Matrix

RECENCY = INPUTS[0]
# Days since the last order at which the second and the third class begin.
EDGES = (28.0, 91.0)


def recency_class(recency: NDArray[np.float32]) -> NDArray[np.intp]:
    """0, 1 or 2, and -1 for those who never ordered; (n,)."""
    return np.where(np.isnan(recency), -1, np.searchsorted(EDGES, recency, side="right"))


def moved(
    kind: Kind, margin: Floats, recency: NDArray[np.float32], steps: Sequence[float]
) -> Floats:
    """Margins (n,) with the step of each one's class."""
    step = np.append(steps, 0.0)[recency_class(recency)]
    return np.asarray(margin + step if kind == "probability" else margin * np.exp(step))


class ByRecency(BaseEstimator):  # type: ignore[misc]
    """A part whose margin is moved by a step for each class of recency.

    column: where recency is. steps: one for each class; added to log odds, or the log of a factor.
    """

    type_name: ClassVar[str] = "by_recency"

    def __init__(self, part: Estimator, kind: Kind, column: int, steps: Sequence[float]) -> None:
        self.part = part
        self.kind = kind
        self.column = column
        self.steps = steps

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Fit the part; the steps are learned out of time, elsewhere."""
        self.part.fit(x, y)
        return self

    def _moved(self, margin: Floats, x: Matrix) -> Floats:
        return moved(self.kind, margin, x[:, self.column], self.steps)

    def margin(self, x: Matrix) -> Floats:
        """The part's margins, moved; shape (n,)."""
        return self._moved(self.part.margin(x), x)

    def contributions(self, x: Matrix) -> Floats:
        """The part's contributions; what the step adds is recency's."""
        parts = self.part.contributions(x)
        margin = parts.sum(axis=1)
        parts[:, self.column] += self._moved(margin, x) - margin
        return parts

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": self.type_name,
            "part": self.part.to_dict(),
            "kind": self.kind,
            "column": self.column,
            "steps": [float(step) for step in self.steps],
        }
