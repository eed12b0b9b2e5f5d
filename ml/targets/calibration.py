"""From margins to numbers that mean what they say, learned out of time.

Two things are learned in two places, because they age differently:
- the slope (is the model over- or underconfident?) at an origin newer than those the model saw,
  and shrunk towards 1 by its own uncertainty;
- the level, from the observed mean of the mature origins on which the refitted model stands
  (ml/targets/levels.py says what each of them counts). An intercept taken from an earlier model
  would carry the drift between two old origins into the future a second time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit, logit

from data_contracts.definitions.target import Kind
from ml.estimators.logistic import fit_logistic
from ml.frames import Floats

# Spread of the true slope around 1 that is expected before looking.
SLOPE_SPREAD = 0.1
SLOPE_RANGE = (0.25, 2.0)
SCALE_RANGE = (0.25, 4.0)
SHIFT_RANGE = 20.0
# Of the search for a level.
STEPS, ACCURACY = 50, 1e-9


@dataclass(frozen=True)
class Calibration:
    """probability: expit(shift + slope * margin); any other kind: max(0, scale * margin).

    ceiling: what no number can exceed (days until something, within the horizon); None: nothing.
    """

    kind: Kind
    slope: float = 1.0
    shift: float = 0.0
    scale: float = 1.0
    ceiling: float | None = None

    def apply(self, margin: Floats) -> Floats:
        """Calibrated probabilities or amounts, shape (n,)."""
        if self.kind == "probability":
            return np.asarray(expit(self.shift + self.slope * margin))
        return np.clip(self.scale * margin, 0.0, self.ceiling)

    def shifted(self, change: float) -> Calibration:
        """With the level moved: in log odds for probabilities, else by the log of a factor."""
        if self.kind == "probability":
            return replace(self, shift=self.shift + change)
        return replace(self, scale=self.scale * float(np.exp(change)))

    def turned(self) -> Calibration:
        """That of the opposite question, whose log odds have the other sign."""
        return replace(self, shift=-self.shift)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return asdict(self)


def shift_scores(kind: Kind, score: Floats, change: float) -> Floats:
    """Scores (n,) with the level moved, as `Calibration.shifted` would."""
    if kind != "probability":
        return np.asarray(score * np.exp(change))
    return np.asarray(expit(logit(score) + change))


def learn_slope(kind: Kind, margin: Floats, y: Floats) -> float:
    """The slope of labels on log odds at a held-back origin, shrunk towards 1.

    margin, y: (n,), of rows that the model has not seen and that are newer than its own.
    Numbers have no slope: their level says it all.
    """
    if kind != "probability" or not 0.0 < float(y.mean()) < 1.0 or float(np.ptp(margin)) < 1e-9:
        return 1.0
    weights, level = fit_logistic(margin[:, None], y, strength=1e6)
    slope = float(weights[0])
    chance = expit(slope * margin + level)
    weight = chance * (1.0 - chance)
    centre = float((weight * margin).sum() / weight.sum())
    information = float((weight * (margin - centre) ** 2).sum())
    trust = SLOPE_SPREAD**2 / (SLOPE_SPREAD**2 + 1.0 / max(information, 1e-9))
    return float(np.clip(1.0 + trust * (slope - 1.0), *SLOPE_RANGE))


def calibrate(
    kind: Kind,
    slope: float,
    margin: Floats,
    y: Floats,
    weights: Floats,
    ceiling: float | None = None,
) -> Calibration:
    """Set the level so that the weighted mean prediction equals the weighted mean label.

    margin, y, weights: (n,), of the mature rows on which the refitted model stands; weights sum
    to 1.
    """
    observed = float((weights * y).sum())
    if kind != "probability":
        predicted = float((weights * np.clip(margin, 0.0, ceiling)).sum())
        ratio = observed / predicted if predicted > 0.0 and observed > 0.0 else 1.0
        return Calibration(kind, scale=float(np.clip(ratio, *SCALE_RANGE)), ceiling=ceiling)
    if not 0.0 < observed < 1.0:
        return Calibration(kind, slope)

    return Calibration(kind, slope, shift=find_shift(slope * margin, weights, observed))


def find_shift(margin: Floats, weights: Floats, observed: float) -> float:
    """What added to log odds makes their weighted mean chance the observed one.

    Newton's steps, no longer than two, since the sum is flat far from its level.
    """
    shift = 0.0
    for _ in range(STEPS):
        chance = expit(shift + margin)
        held = weights * chance
        gap = observed - float(held.sum())
        if abs(gap) < ACCURACY * observed:
            break
        slope = max(float((held * (1.0 - chance)).sum()), 1e-12)
        shift = float(np.clip(shift + np.clip(gap / slope, -2.0, 2.0), -SHIFT_RANGE, SHIFT_RANGE))
    return shift
