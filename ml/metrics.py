"""How good scores are, with standard errors.

Definitions. ece: ten equal-count bins. ngini: Gini of the actual amount ranked by the score over
the Gini of the perfect ranking. top_decile_share: share of the amount held by the top tenth by
score. aggregate_error: sum predicted over sum actual, minus one. deviance: of a Poisson law, with
scores brought to the right total.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy
from scipy.stats import rankdata

from data_contracts.definitions.target import Kind
from ml.frames import Floats

HIGHER_IS_BETTER = frozenset({"auc", "pr_auc", "ngini", "top_decile_share"})
# Standard errors of these need resampling; all others are analytic.
RESAMPLED: dict[Kind, tuple[str, ...]] = {
    "probability": ("pr_auc", "ece"),
    "amount": ("ngini", "top_decile_share"),
    "count": ("ngini", "top_decile_share"),
    "time": ("ngini",),
}
BINS = 10
DRAWS = 30
# Standard errors on either side of a 95 % interval.
SURE = 1.96
_TINY = 1e-15
# Part of the mean outcome that a prediction of nothing counts as in a deviance.
FLOOR = 0.01


def auc(y: Floats, score: Floats) -> float:
    """Area under the ROC curve; ties count half. nan with one class only."""
    positives = float(y.sum())
    negatives = len(y) - positives
    if not positives or not negatives:
        return float("nan")
    ranks = float(rankdata(score)[y > 0].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def auc_standard_error(y: Floats, score: Floats) -> float:
    """DeLong's standard error of the AUC."""
    positive, negative = score[y > 0], score[y <= 0]
    if len(positive) < 2 or len(negative) < 2:
        return float("nan")
    ranks = rankdata(np.concatenate([positive, negative]))
    of_positive = (ranks[: len(positive)] - rankdata(positive)) / len(negative)
    of_negative = 1.0 - (ranks[len(positive) :] - rankdata(negative)) / len(positive)
    variance = of_positive.var(ddof=1) / len(positive) + of_negative.var(ddof=1) / len(negative)
    return float(np.sqrt(variance))


def pr_auc(y: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Average precision: precision at each distinct score, weighted by the recall it adds."""
    weight = np.ones(len(y)) if weight is None else weight
    order = np.argsort(-score, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(score[order])), len(y) - 1)
    hits = np.cumsum((y * weight)[order])[ends]
    taken = np.cumsum(weight[order])[ends]
    if hits[-1] <= 0.0:
        return float("nan")
    precision = hits / np.maximum(taken, _TINY)
    return float((precision * np.diff(hits, prepend=0.0)).sum() / hits[-1])


def brier_losses(y: Floats, score: Floats) -> Floats:
    """Squared error per row."""
    return np.asarray((score - y) ** 2)


def log_losses(y: Floats, score: Floats) -> Floats:
    """Negative log likelihood per row; certainties are cut at 1e-15."""
    kept = np.clip(score, _TINY, 1.0 - _TINY)
    return np.asarray(-(y * np.log(kept) + (1.0 - y) * np.log1p(-kept)))


def absolute_errors(y: Floats, score: Floats) -> Floats:
    """Absolute error per row."""
    return np.abs(score - y)


def poisson_deviances(y: Floats, score: Floats) -> Floats:
    """Poisson deviance per row, of scores that are brought to the right total.

    Least for the mean, as squared error is, but an error counts by the size of what it is about.
    What a season does to all candidates alike would hide what tells them apart, so that totals are
    made equal here and judged by themselves (`aggregate_error`). What is promised to be nothing
    counts as FLOOR of the mean, or one order of somebody who was thought gone would decide alone.
    Whoever sent back more than they bought has spent nothing.
    """
    y = np.maximum(y, 0.0)
    mean = max(float(y.mean()), _TINY)
    told = np.maximum(score * (mean / max(float(score.mean()), _TINY)), FLOOR * mean)
    return np.asarray(2.0 * (xlogy(y, y / told) - (y - told)))


LOSSES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "brier": brier_losses,
    "log_loss": log_losses,
    "deviance": poisson_deviances,
    "mae": absolute_errors,
    "rmse": brier_losses,
}


def equal_count_bins(score: Floats) -> list[NDArray[np.intp]]:
    """Positions of ten equal-count bins by score, lowest first; empty bins are left out.

    Equal scores share a bin, so that the bins do not depend on the order of the rows.
    """
    place = np.floor((rankdata(score) - 0.5) / len(score) * BINS).astype(np.intp)
    parts = [np.flatnonzero(place == number) for number in range(BINS)]
    return [part for part in parts if part.size]


def ece(y: Floats, score: Floats) -> float:
    """Expected calibration error over ten equal-count bins."""
    parts = equal_count_bins(score)
    return float(sum(abs(score[p].sum() - y[p].sum()) for p in parts) / len(y))


def _gini_area(y: Floats, order: NDArray[np.intp], weight: Floats) -> float:
    held = np.cumsum((y * weight)[order])
    people = np.cumsum(weight[order])
    if held[-1] <= 0.0:
        return float("nan")
    middle = np.concatenate([[0.0], held[:-1]]) + held
    steps = np.diff(people, prepend=0.0)
    return float((middle * steps).sum() / (2.0 * held[-1] * people[-1])) - 0.5


def ngini(y: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Normalised Gini of y ranked by score; ties keep the order of the rows."""
    weight = np.ones(len(y)) if weight is None else weight
    perfect = _gini_area(y, np.argsort(-y, kind="stable"), weight)
    if not np.isfinite(perfect) or perfect <= 0.0:
        return float("nan")
    return _gini_area(y, np.argsort(-score, kind="stable"), weight) / perfect


def top_decile_share(y: Floats, score: Floats, weight: Floats | None = None) -> float:
    """Share of y that the top tenth by score holds."""
    weight = np.ones(len(y)) if weight is None else weight
    order = np.argsort(-score, kind="stable")
    held = (y * weight)[order]
    if held.sum() <= 0.0:
        return float("nan")
    inside = np.cumsum(weight[order]) <= max(1.0, weight.sum() / BINS)
    return float(held[inside].sum() / held.sum())


def aggregate_error(y: Floats, score: Floats) -> float:
    """Sum predicted over sum actual, minus one."""
    actual = float(y.sum())
    return float(score.sum()) / actual - 1.0 if actual > 0.0 else float("nan")


def evaluate(kind: Kind, y: Floats, score: Floats) -> dict[str, float]:
    """All metrics of the kind. y, score: (n,), n >= 1."""
    if kind == "probability":
        return {
            "auc": auc(y, score),
            "pr_auc": pr_auc(y, score),
            "brier": float(brier_losses(y, score).mean()),
            "log_loss": float(log_losses(y, score).mean()),
            "ece": ece(y, score),
            "base_rate": float(y.mean()),
            "aggregate_error": aggregate_error(y, score),
        }
    return {
        "deviance": float(poisson_deviances(y, score).mean()),
        "mae": float(absolute_errors(y, score).mean()),
        "rmse": float(np.sqrt(brier_losses(y, score).mean())),
        "ngini": ngini(y, score),
        "top_decile_share": top_decile_share(y, score),
        "aggregate_error": aggregate_error(y, score),
    }


def best_candidate(metric: str, values: dict[str, float]) -> str | None:
    """The candidate with the best figure of a metric; the first of equals, None without any.

    An aggregate error is better the nearer it is to zero, either way.
    """
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    if metric in HIGHER_IS_BETTER:
        return max(known, key=lambda name: known[name], default=None)
    return min(known, key=lambda name: abs(known[name]), default=None)


def bootstrap_errors(
    y: Floats, score: Floats, names: tuple[str, ...], seed: int = 0
) -> dict[str, float]:
    """Standard deviations of metrics of `RESAMPLED` over 30 resamples of the customers."""
    weighted: dict[str, Callable[[Floats, Floats, Floats], float]] = {
        "pr_auc": pr_auc,
        "ngini": ngini,
        "top_decile_share": top_decile_share,
    }
    if len(y) < 2 or not names:
        return dict.fromkeys(names, float("nan"))
    random = np.random.default_rng(seed)
    draws: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(DRAWS):
        chosen = random.integers(0, len(y), len(y))
        weight = np.bincount(chosen, minlength=len(y)).astype(np.float64)
        for name in names:
            resampled = name == "ece"
            draws[name].append(
                ece(y[chosen], score[chosen]) if resampled else weighted[name](y, score, weight)
            )
    return {name: float(np.std(values, ddof=1)) for name, values in draws.items()}


def analytic_errors(kind: Kind, y: Floats, score: Floats) -> dict[str, float]:
    """Standard errors that need no resampling; nan where there is none.

    AUC by DeLong, means by their sample deviation, rmse and aggregate error by the delta method.
    """
    squared = brier_losses(y, score)
    total = aggregate_error_spread(y, score)
    if kind == "probability":
        return {
            "auc": auc_standard_error(y, score),
            "brier": _mean_error(squared),
            "log_loss": _mean_error(log_losses(y, score)),
            "base_rate": _mean_error(y),
            "aggregate_error": total,
        }
    rmse = float(np.sqrt(squared.mean()))
    return {
        "deviance": _mean_error(poisson_deviances(y, score)),
        "mae": _mean_error(absolute_errors(y, score)),
        "rmse": _mean_error(squared) / (2.0 * rmse) if rmse > 0.0 else 0.0,
        "aggregate_error": total,
    }


def aggregate_error_spread(y: Floats, score: Floats) -> float:
    """The standard error of `aggregate_error`, by the delta method; nan without a total."""
    actual = float(y.mean())
    if actual <= 0.0:
        return float("nan")
    return _mean_error(score - (1.0 + aggregate_error(y, score)) * y) / actual


def _mean_error(values: Floats) -> float:
    return float(values.std(ddof=1)) / float(np.sqrt(len(values))) if len(values) > 1 else np.nan


def standard_errors(kind: Kind, y: Floats, score: Floats, seed: int = 0) -> dict[str, float]:
    """Standard errors of all of `evaluate`'s figures over customers; nan where there is none."""
    return {
        **analytic_errors(kind, y, score),
        **bootstrap_errors(y, score, RESAMPLED[kind], seed),
    }


def paired_gain(metric: str, y: Floats, score: Floats, rival: Floats) -> tuple[float, float]:
    """How much lower the loss of `score` is than that of `rival`, and its standard error.

    Paired over customers, so that what is hard for both does not count. For rmse the gain is in
    squared error.
    """
    loss = LOSSES[metric]
    gain = loss(y, rival) - loss(y, score)
    error = float(gain.std(ddof=1)) / float(np.sqrt(len(y))) if len(y) > 1 else float("inf")
    return float(gain.mean()), error


def paired_interval(metric: str, y: Floats, score: Floats, rival: Floats) -> tuple[float, float]:
    """The 95 % interval of `paired_gain`: its mean, SURE standard errors either way.

    What decides and what is told are one interval.
    """
    gain, error = paired_gain(metric, y, score, rival)
    return gain - SURE * error, gain + SURE * error
