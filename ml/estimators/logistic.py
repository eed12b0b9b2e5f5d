"""Logistic regression on a few columns by Newton's method.

Rules and slopes are thousands of such fits; what a general solver spends on checking its input is
most of the time that they took. The loss is convex, so that both find the same minimum.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from ml.frames import Floats

STEPS = 50
# A step that moves no weight by more than this is the last one.
CLOSE = 1e-10


def fit_logistic(x: Floats, y: Floats, strength: float) -> tuple[Floats, float]:
    """Weights (columns,) and intercept of x (n, columns) for labels y (n,) of 0 and 1.

    Minimises the summed log loss plus half the squared weights over `strength` (the C of
    scikit-learn); the intercept is free. Raises ValueError where there is one class only.
    """
    share = float(y.mean())
    if not 0.0 < share < 1.0:
        raise ValueError("the labels are of one class")
    columns = np.column_stack([x, np.ones(len(y))])
    penalty = np.append(np.full(x.shape[1], 1.0 / strength), 1e-12)
    weights = np.append(np.zeros(x.shape[1]), np.log(share / (1.0 - share)))
    loss = _loss(columns, y, penalty, weights)
    for _ in range(STEPS):
        chance = expit(columns @ weights)
        slope = columns.T @ (chance - y) + penalty * weights
        curve = (columns * (chance * (1.0 - chance))[:, None]).T @ columns + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        nearer = weights - step
        # Far from the minimum a whole step may overshoot.
        while size > CLOSE and not _loss(columns, y, penalty, nearer) <= loss:
            size /= 2.0
            nearer = weights - size * step
        weights, loss = nearer, _loss(columns, y, penalty, nearer)
        if float(np.abs(size * step).max()) < CLOSE:
            break
    return weights[:-1], float(weights[-1])


def _loss(columns: Floats, y: Floats, penalty: Floats, weights: Floats) -> float:
    margin = columns @ weights
    return float(np.logaddexp(0.0, margin).sum() - y @ margin + (penalty * weights**2).sum() / 2.0)
