"""One score from amounts: what a customer is expected to spend, in weights that hold still.

Weights w >= 0 of the amounts x minimise sum (y - x w)^2 + calm * sum ((x' - x) w)^2, where x' are
the same customers' amounts a month later: the score says what is spent next without following
every month's ups and downs. Non-negative least squares (Lawson and Hanson) on stacked rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import nnls

from ml.frames import Floats, Matrix

# The largest amounts are cut here, so that no single customer sets the weights.
CUT = 0.999


@dataclass(frozen=True)
class ExpectedSpend:
    """Weights (d,) and caps (d,) of the columns at `positions`."""

    positions: tuple[int, ...]
    weights: Floats
    caps: Floats

    @classmethod
    def fit(
        cls,
        positions: tuple[int, ...],
        x: Matrix,
        y: Floats,
        before: Matrix,
        after: Matrix,
        calm: float,
    ) -> ExpectedSpend:
        """Learn from x (n, features) and y (n,), nan where unknown.

        before, after: the same customers a month apart; without rows nothing holds the score still.
        """
        known = np.isfinite(y)
        caps = np.quantile(_amounts(x, positions), CUT, axis=0)
        made = cls(positions, np.zeros(len(positions)), caps)
        rows = [made._capped(x[known])]
        if len(before):
            rows.append(np.sqrt(calm) * (made._capped(after) - made._capped(before)))
        wanted = np.concatenate([y[known], np.zeros(sum(map(len, rows[1:])))])
        weights, _ = nnls(np.concatenate(rows), wanted)
        return cls(positions, weights, caps)

    def _capped(self, x: Matrix) -> Floats:
        return np.minimum(_amounts(x, self.positions), self.caps)

    def transform(self, x: Matrix) -> Floats:
        """log(1 + score) of each row, shape (n, 1)."""
        score = np.einsum("np,p->n", self._capped(x), self.weights, optimize=False)
        return np.asarray(np.log1p(score)[:, None])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "positions": list(self.positions),
            "weights": self.weights.tolist(),
            "caps": self.caps.tolist(),
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ExpectedSpend:
        """The inverse of to_dict."""
        return cls(
            tuple(content["positions"]),
            np.asarray(content["weights"]),
            np.asarray(content["caps"]),
        )


def _amounts(x: Matrix, positions: tuple[int, ...]) -> Floats:
    """An amount that is not known, or is negative by returns, counts as none."""
    found = x[:, list(positions)].astype(np.float64)
    return np.maximum(np.nan_to_num(found, nan=0.0), 0.0)
