"""Drift: how far today is from what a model was trained on, whatever the number of customers.

Two measures, each with a standard error and a limit on its size:
- psi, the population stability index over the bins of the training frame (Siddiqi, Credit Risk
  Scorecards, 2006: beyond .25 a population has shifted), less what mere sampling adds to it;
- the change of a mean, as a log ratio (of amounts) or a log odds ratio (of events).

The verdict is tested both ways: drifted when the measure is surely beyond its limit, ok when it is
surely within, watch when the data cannot tell. So neither few customers nor many decide it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ml.frames import Floats

Subject = Literal["feature", "score", "outcome", "cluster"]
Verdict = Literal["ok", "watch", "drifted"]

PSI_LIMIT = 0.25
# A mean that is a quarter higher, or a fifth lower.
MEAN_LIMIT = float(np.log(1.25))
# Sum predicted over sum actual.
LEVEL_LIMIT = 0.05
# What a model was tested with already is no news: the limit is at least twice that.
USUAL_FACTOR = 2.0
SURE = 2.0  # standard errors
# Retraining is called for when features with half of a model's contributions have drifted (the
# share of columns at which Evidently calls a data set drifted, weighted here).
FEATURE_SHARE = 0.5
# Half a customer in every bin keeps empty ones finite.
_PRIOR = 0.5


@dataclass(frozen=True)
class Measure:
    """A size with its standard error."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Reading:
    """One thing measured at one date: a row of models.drift without its keys.

    importance: share of the model's contributions (1 for what is no feature). customer_count: the
    customers measured.
    """

    drift_subject: Subject
    drift_name: str
    metric: str
    value: float
    standard_error: float
    drift_limit: float
    customer_count: int
    importance: float = 1.0

    @property
    def verdict(self) -> Verdict:
        """Tested both ways; the sign does not matter."""
        return judge(Measure(self.value, self.standard_error), self.drift_limit)


def judge(measure: Measure, limit: float) -> Verdict:
    """drifted: surely beyond the limit; ok: surely within it; watch: neither."""
    size, doubt = abs(measure.value), SURE * measure.standard_error
    if size - doubt > limit:
        return "drifted"
    return "ok" if size + doubt < limit else "watch"


def limit_above(usual: float, limit: float) -> float:
    """The limit for something that moved by `usual` while it was tested."""
    return max(limit, USUAL_FACTOR * abs(usual))


def psi(reference: Floats, current: Floats, customers: int) -> Measure:
    """Population stability index of two distributions over the same bins.

    reference: shares, (bins,), learned from `customers`. current: counts, (bins,). The expected
    value under no change, (bins - 1) (1/n + 1/m), is taken off. The variance is that of the
    chi-square which the index follows under no change, and the delta method's for what is beyond.
    """
    counted = float(current.sum())
    kept = (reference > 0.0) | (current > 0.0)
    bins = int(kept.sum())
    if bins < 2 or not counted or not customers:
        return Measure(0.0, 0.0 if counted and customers else float("inf"))
    p = _shares(reference[kept] * customers)
    q = _shares(current[kept])
    noise = 1.0 / counted + 1.0 / customers
    raw = float(((q - p) * np.log(q / p)).sum())
    delta = _variance(q, np.log(q / p) + 1.0 - p / q) / counted
    delta += _variance(p, np.log(p / q) + 1.0 - q / p) / customers
    # Chance alone gives the delta method 4 (bins - 1) noise^2 of what it finds.
    variance = 2.0 * (bins - 1) * noise**2 + max(0.0, delta - 4.0 * (bins - 1) * noise**2)
    return Measure(max(0.0, raw - (bins - 1) * noise), float(np.sqrt(variance)))


def _shares(counts: Floats) -> Floats:
    smooth = counts + _PRIOR
    return np.asarray(smooth / smooth.sum())


def _variance(share: Floats, slope: Floats) -> float:
    """Of a sum of slope * indicator, drawn by share."""
    mean = float((share * slope).sum())
    return float((share * (slope - mean) ** 2).sum())


def mean_change(
    reference: tuple[float, float, int], current: tuple[float, float, int], is_probability: bool
) -> Measure | None:
    """Log odds ratio (events) or log ratio (amounts) of two means; None where one is extreme.

    reference, current: mean, variance of one customer, customers.
    """
    changes, errors = [], []
    for mean, variance, count in (reference, current):
        if mean <= 0.0 or count < 2 or (is_probability and mean >= 1.0):
            return None
        size = mean * (1.0 - mean) if is_probability else mean
        changes.append(np.log(mean / (1.0 - mean)) if is_probability else np.log(mean))
        errors.append(variance / count / size**2)
    return Measure(float(changes[1] - changes[0]), float(np.sqrt(sum(errors))))


def level_error(y: Floats, score: Floats) -> Measure | None:
    """Sum predicted over sum actual, less one, with the delta method's standard error.

    y, score: (n,). None without any outcome, or for one customer.
    """
    actual = float(y.mean()) if len(y) > 1 else 0.0
    if actual <= 0.0:
        return None
    ratio = float(score.mean()) / actual
    spread = float((score - ratio * y).std(ddof=1))
    return Measure(ratio - 1.0, spread / float(np.sqrt(len(y))) / actual)


def retraining_reasons(readings: Iterable[Reading]) -> list[str]:
    """Why a model should be trained again, in words; empty when it need not.

    readings: of one model at one date.
    """
    drifted = [reading for reading in readings if reading.verdict == "drifted"]
    features = [reading for reading in drifted if reading.drift_subject == "feature"]
    reasons = [describe(reading) for reading in drifted if reading.drift_subject != "feature"]
    share = sum(reading.importance for reading in features)
    if share >= FEATURE_SHARE:
        names = [reading.drift_name for reading in features]
        reasons.append(f"features with {share:.0%} of its contributions moved: {_listed(names)}")
    return reasons


def _listed(names: Sequence[str], shown: int = 3) -> str:
    more = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {more} more" if more > 0 else "")


def describe(reading: Reading) -> str:
    """What moved and by how much, in words."""
    size, limit = reading.value, reading.drift_limit
    if reading.metric == "centre_shift":
        told = f"the customers of cluster {reading.drift_name} are {size:.2f} deviations from where"
        return f"{told} they were at training (limit {limit:.2f})"
    if reading.metric == "psi":
        told = f"{reading.drift_subject}s of {reading.drift_name} are distributed otherwise than "
        if reading.drift_subject == "feature":
            told = f"{reading.drift_name} is distributed otherwise than "
        return f"{told}at training (PSI {size:.2f}, limit {limit:.2f})"
    if reading.metric == "aggregate_error":
        side = "above" if size > 0 else "below"
        return f"scores add up to {abs(size):.1%} {side} what happened (limit {limit:.0%})"
    what = "the odds of the outcome" if reading.metric == "log_odds_change" else "the mean outcome"
    if reading.drift_subject == "cluster":
        what = f"the odds of being in cluster {reading.drift_name}"
    return f"{what} changed by {np.expm1(size):+.0%} (limit {np.expm1(limit):.0%})"
