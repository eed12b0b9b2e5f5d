"""Weights of a blend, learned at an origin that none of its members had seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.optimize import minimize, nnls
from scipy.special import expit

from data_contracts.definitions.target import Kind
from ml.frames import Floats

# How far the weights are expected to lie from the prior ones before looking. Members are much
# alike, so that a few hundred customers say little about the difference between two of them.
WEIGHT_SPREAD = 0.25
# What differs between two dates does not average out over customers: more of them than this say no
# more about the weights that will be right at the next date.
TELLING_CUSTOMERS = 2_000
# Less than this of a blend is not worth the time that a member takes.
LEAST_WEIGHT = 0.05


def learn_weights(
    kind: Kind, margins: Mapping[str, Floats], y: Floats, prior: Mapping[str, float]
) -> dict[str, float]:
    """Member -> weight >= 0, shrunk towards the prior; the prior where the labels say nothing.

    margins: member -> (n,), y: (n,), of rows newer than those of the members. The level is free
    while the weights are learned and forgotten afterwards: it belongs to that origin alone.
    """
    names = list(prior)
    matrix = np.column_stack([margins[name] for name in names])
    start = np.asarray([prior[name] for name in names])
    spread = WEIGHT_SPREAD * min(1.0, TELLING_CUSTOMERS / max(len(y), 1)) ** 0.5
    of_kind = _of_chances if kind == "probability" else _of_numbers
    learned = of_kind(matrix, y, start, spread)
    learned = np.where(learned < LEAST_WEIGHT, 0.0, learned)
    if not learned.any():
        learned = start
    return dict(zip(names, learned.tolist(), strict=True))


def _of_chances(margins: Floats, y: Floats, prior: Floats, spread: float) -> Floats:
    """Maximum a posteriori of a logistic regression with weights >= 0 and a free level."""
    if not 0.0 < float(y.mean()) < 1.0:
        return prior
    centred = margins - margins.mean(axis=0)

    def loss(values: Floats) -> tuple[float, Floats]:
        away = values[1:] - prior
        z = values[0] + centred @ values[1:]
        total = float(np.logaddexp(0.0, z).sum() - y @ z)
        residual = expit(z) - y
        penalty = float(away @ away) / (2.0 * spread**2)
        slope = centred.T @ residual + away / spread**2
        return total + penalty, np.append(residual.sum(), slope)

    level = float(np.log(y.mean() / (1.0 - y.mean())))
    bounds = [(None, None)] + [(0.0, None)] * len(prior)
    found = minimize(loss, np.append(level, prior), jac=True, bounds=bounds, method="L-BFGS-B")
    return np.asarray(found.x[1:])


def _of_numbers(margins: Floats, y: Floats, prior: Floats, spread: float) -> Floats:
    """Non-negative least squares, rows weighted as if the spread grew with the mean."""
    guess = np.maximum(margins @ prior, 0.0)
    if float(guess.sum()) <= 0.0 or float(y.sum()) <= 0.0:
        return prior
    y = y * (float(guess.sum()) / float(y.sum()))
    mean = np.maximum(guess, 0.05 * float(guess.mean()))
    noise = float(((y - guess) ** 2 / mean).mean())
    if noise <= 0.0:
        return prior
    scale = 1.0 / np.sqrt(noise * mean)
    anchor = np.eye(len(prior)) / spread
    rows = np.vstack([margins * scale[:, None], anchor])
    found, _ = nnls(rows, np.concatenate([y * scale, prior / spread]))
    return np.asarray(found)
