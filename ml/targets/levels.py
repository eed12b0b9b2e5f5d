"""The level of a candidate: learned from mature origins, by class of recency and by memory.

How far back the level is worth remembering differs: whoever leaves a shop for good does so at a
rate that drifts, campaigns come and go. So every memory says what it would have foretold of each
past origin from those that were mature by then, and counts as much as it was right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from data_contracts.definitions.target import Kind, Target
from ml.estimators.by_recency import EDGES, RECENCY, moved, recency_class
from ml.frames import Floats, Matrix, Rows
from ml.origins import STEP_DAYS
from ml.targets.calibration import Calibration, calibrate, find_shift

# What an origin counts beside the next newer one: from nothing at all to as much.
MEMORIES = (0.0, 0.25, 0.5, 0.75, 1.0)
# Spread of the true steps around none that is expected before looking.
STEP_SPREAD = 0.5


@dataclass(frozen=True)
class Level:
    """What turns a candidate's margins into scores.

    steps: one for each class of recency, read from `column`; none where nothing was learned.
    """

    calibration: Calibration
    column: int = 0
    steps: tuple[float, ...] = ()

    def apply(self, margin: Floats, x: Matrix) -> Floats:
        """Scores (n,) of margins (n,) of x (n, features)."""
        return self.calibration.apply(self.moved(margin, x))

    def moved(self, margin: Floats, x: Matrix) -> Floats:
        """Margins with the steps of x."""
        if not self.steps:
            return margin
        return moved(self.calibration.kind, margin, x[:, self.column], self.steps)


def learn_level(
    target: Target,
    slope: float,
    margin: Floats,
    rows: Rows,
    features: tuple[str, ...],
    by_recency: bool = True,
) -> Level:
    """The level of margins (n,) from mature rows; by_recency: whether classes have steps."""
    kind = target.kind
    ceiling = float(target.horizon_days) if kind == "time" else None
    origins = Origins.of(rows.origin)
    plain = calibrate(kind, slope, margin, rows.y, origins.weights(1.0), ceiling)
    score = plain.apply(margin)
    weights = remembered(kind, score, rows.y, origins, target.horizon_days)
    level = Level(plain)
    if by_recency and RECENCY in features:
        column = features.index(RECENCY)
        overlap = max(1.0, target.horizon_days / STEP_DAYS)
        of_class = recency_class(rows.x[:, column])
        steps = learn_steps(kind, score, rows.y, of_class, overlap)
        scale = slope if kind == "probability" else 1.0
        level = Level(plain, column, tuple(step / scale for step in steps))
    found = calibrate(kind, slope, level.moved(margin, rows.x), rows.y, weights, ceiling)
    return replace(level, calibration=found)


def learn_steps(
    kind: Kind, score: Floats, y: Floats, of_class: NDArray[np.intp], overlap: float = 1.0
) -> list[float]:
    """By how much the scores of each class are wrong, in log odds or as the log of a ratio.

    Each step is shrunk towards none by its own error. score: (n,), right in total; overlap: how
    many rows say what one says, since windows that overlap tell the same twice.
    """
    steps = []
    for number in range(len(EDGES) + 1):
        chosen = of_class == number
        step, noise = _step(kind, score[chosen], y[chosen])
        steps.append(step * STEP_SPREAD**2 / (STEP_SPREAD**2 + overlap * noise))
    return steps


def _step(kind: Kind, score: Floats, y: Floats) -> tuple[float, float]:
    """What would make the total of some rows right, and its variance; no step where none is."""
    told, held = float(score.sum()), float(y.sum())
    if told <= 0.0 or held <= 0.0 or (kind == "probability" and held >= len(y)):
        return 0.0, 1.0
    if kind != "probability":
        return float(np.log(held / told)), float(((y - score) ** 2).sum()) / held**2
    step = find_shift(logit(score), np.full(len(y), 1.0 / len(y)), held / len(y))
    chance = expit(logit(score) + step)
    return step, 1.0 / max(float((chance * (1.0 - chance)).sum()), 1e-9)


@dataclass(frozen=True)
class Origins:
    """Which of the sorted days (k,) each of n rows is of: place (n,); count (k,)."""

    days: NDArray[np.datetime64]
    place: NDArray[np.intp]
    count: Floats

    @classmethod
    def of(cls, origin: NDArray[np.datetime64]) -> Origins:
        """From each row's day, shape (n,)."""
        days = np.unique(origin)
        place = np.searchsorted(days, origin)
        return cls(days, place, np.bincount(place, minlength=len(days)).astype(np.float64))

    def shares(self, memory: float) -> Floats:
        """What each day counts, (k,): each older one `memory` times the next newer one."""
        share = memory ** np.arange(len(self.days))[::-1]
        return np.asarray(share / share.sum())

    def weights(self, memory: float) -> Floats:
        """Row weights (n,) summing to 1, equal inside a day."""
        return np.asarray((self.shares(memory) / self.count)[self.place])

    def total(self, values: Floats) -> Floats:
        """Sums of values (n,) by day, (k,)."""
        return np.bincount(self.place, values, len(self.days)).astype(np.float64)


def remembered(kind: Kind, score: Floats, y: Floats, origins: Origins, horizon_days: int) -> Floats:
    """Row weights (n,) summing to 1: the mean over MEMORIES, each as likely as it foretold.

    score: (n,), right in total over all origins, so that what an origin was off by is its level.
    """
    away, noise = _away(kind, score, y, origins)
    horizon = np.timedelta64(timedelta(days=horizon_days))
    # Windows that overlap tell the same errors again.
    tempered = STEP_DAYS / max(horizon_days, STEP_DAYS)
    losses = np.zeros(len(MEMORIES))
    for at, day in enumerate(origins.days):
        mature = np.flatnonzero(origins.days + horizon <= day)
        if not len(mature):
            continue
        for place, memory in enumerate(MEMORIES):
            share = memory ** np.arange(len(mature))[::-1]
            share /= share.sum()
            error = away[at] - float(share @ away[mature])
            spread = noise[at] + float(share**2 @ noise[mature])
            losses[place] += tempered * (error**2 / spread + np.log(spread)) / 2.0
    likely = np.exp(losses.min() - losses)
    shares = likely / likely.sum() @ np.asarray([origins.shares(memory) for memory in MEMORIES])
    return np.asarray((shares / origins.count)[origins.place])


def _away(kind: Kind, score: Floats, y: Floats, origins: Origins) -> tuple[Floats, Floats]:
    """By how much each origin's scores are off, on the scale of a level, and the variance; (k,)."""
    if kind == "probability":
        information = np.maximum(origins.total(score * (1.0 - score)), 1e-9)
        return origins.total(y - score) / information, 1.0 / information
    told, held = origins.total(score), origins.total(y)
    is_known = (told > 0.0) & (held > 0.0)
    held = np.where(is_known, held, 1.0)
    away = np.log(held / np.where(is_known, told, 1.0))
    noise = np.where(is_known, origins.total((y - score) ** 2) / held**2, 1.0)
    return away, np.maximum(noise, 1e-9)
