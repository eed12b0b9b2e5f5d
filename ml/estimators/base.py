"""What every model part can do; the parts that combine others are in ml/estimators/combining.py.

A margin is the scale on which parts add: log odds for probabilities, currency for amounts.
Contributions split a margin by feature, with what no feature explains (the base) in the last
column; each row sums to its margin.
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, Self

import numpy as np
from sklearn.base import BaseEstimator

from data_contracts.definitions.target import Kind
from ml.frames import Floats, Matrix


class Estimator(Protocol):
    """A fitted or fittable part. x: (n, features) float32; y: (n,) float64."""

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Learn from labelled rows."""

    def margin(self, x: Matrix) -> Floats:
        """Margins, shape (n,)."""

    def contributions(self, x: Matrix) -> Floats:
        """Shape (n, features + 1), the base last; rows sum to the margin."""

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content with a 'type'."""


def no_parts(x: Matrix) -> Floats:
    """Contributions of nothing to x (n, features), shape (n, features + 1).

    A column's memory lies together, since parts are gathered column by column.
    """
    return np.zeros((x.shape[1] + 1, len(x))).T


def log_odds(probability: float, count: int) -> float:
    """Log odds, kept finite by half a case on either side of `count` cases."""
    kept = (probability * count + 0.5) / (count + 1.0)
    return float(np.log(kept / (1.0 - kept)))


class Constant(BaseEstimator):  # type: ignore[misc]
    """Always the mean of the labels: what a model must beat to be worth anything."""

    type_name: ClassVar[str] = "constant"

    def __init__(self, kind: Kind = "probability") -> None:
        self.kind = kind

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Learn the mean. Raises ValueError without rows."""
        if not len(y):
            raise ValueError("no rows to learn from")
        mean = float(np.mean(y))
        self.margin_ = log_odds(mean, len(y)) if self.kind == "probability" else mean
        self.n_features_in_ = x.shape[1]
        return self

    def margin(self, x: Matrix) -> Floats:
        """The same margin for every row."""
        return np.full(len(x), self.margin_)

    def contributions(self, x: Matrix) -> Floats:
        """All of it is base."""
        parts = no_parts(x)
        parts[:, -1] = self.margin_
        return parts

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {"type": self.type_name, "kind": self.kind, "margin": self.margin_}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Constant:
        """The inverse of to_dict."""
        made = cls(content["kind"])
        made.margin_ = float(content["margin"])
        return made
