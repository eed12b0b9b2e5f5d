"""Why a customer scores as they do, from the model that scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.frames import Floats, Matrix
from ml.model import FittedModel

TOP = 3


@dataclass(frozen=True)
class Reason:
    """One feature's part in a margin: log odds for probabilities, currency for amounts."""

    feature: str
    value: float | None
    contribution: float


def contributions(model: FittedModel, x: Matrix) -> Floats:
    """Shape (n, features + 1), the base last; rows sum to the margin before calibration.

    Linear parts: weight times scaled value. Trees: exact TreeSHAP. Blends: the mean of both.
    """
    return model.estimator.contributions(x)


def top_positions(parts: Floats, top: int = TOP) -> NDArray[np.intp]:
    """Feature positions of the `top` largest contributions by size, shape (n, <= top).

    Equal sizes are taken in the order of the features.
    """
    order = np.argsort(-np.abs(parts[:, :-1]), axis=1, kind="stable")
    return order[:, :top]


def explain(model: FittedModel, x: Matrix, top: int = TOP) -> list[list[Reason]]:
    """The largest reasons of every row, largest first; features without effect are left out."""
    parts = contributions(model, x)
    found = []
    for row, positions in enumerate(top_positions(parts, top)):
        reasons = []
        for position in positions:
            contribution = float(parts[row, position])
            if contribution == 0.0:
                continue
            value = float(x[row, position])
            known = None if np.isnan(value) else value
            reasons.append(Reason(model.features[position], known, contribution))
        found.append(reasons)
    return found
