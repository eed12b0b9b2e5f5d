"""Metrics: what they are called, which way is better, and which speak for each kind of target."""

from __future__ import annotations

from typing import NamedTuple

from data_contracts.definitions.target import Kind
from data_contracts.wording.names import capitalised, spelled


class Metric(NamedTuple):
    """words: in the midst of a sentence. better: +1 more, -1 less, 0 the nearer to zero."""

    words: str
    better: int


# Of targets, in the order of tables.
TARGET_METRICS: dict[str, Metric] = {
    "auc": Metric("AUC", 1),
    "pr_auc": Metric("PR-AUC", 1),
    "brier": Metric("Brier score", -1),
    "log_loss": Metric("log loss", -1),
    "ece": Metric("calibration error", -1),
    "deviance": Metric("Poisson deviance at the right total", -1),
    "mae": Metric("mean absolute error", -1),
    "rmse": Metric("RMSE", -1),
    "ngini": Metric("normalised Gini", 1),
    "top_decile_share": Metric("share of the top tenth", 1),
    "aggregate_error": Metric("error of the total", 0),
}
# Of clusterings, in the order of tables.
CLUSTER_METRICS: dict[str, Metric] = {
    "worth": Metric("worth", 1),
    "holdout_r2": Metric("spend explained on holdout", 1),
    "month_ari": Metric("agreement after a month", 1),
    "stability_ari": Metric("stability", 1),
    "silhouette": Metric("silhouette", 1),
    "smallest_share": Metric("share of the smallest", 1),
}
METRICS = TARGET_METRICS | CLUSTER_METRICS
# The one that a verdict speaks of, and those that a model card shows.
MAIN: dict[Kind, str] = {"probability": "auc", "amount": "mae", "count": "mae", "time": "mae"}
SHOWN: dict[Kind, tuple[str, ...]] = {
    "probability": ("auc", "brier", "ece"),
    "amount": ("mae", "rmse", "aggregate_error"),
    "count": ("mae", "rmse", "aggregate_error"),
    "time": ("mae", "rmse", "aggregate_error"),
}
# These are in the unit of the target.
IN_UNIT = frozenset({"mae", "rmse"})
# Gains of rmse are measured in squared error.
_GAINS = {"rmse": "mean squared error"}


def metric_words(metric: str) -> str:
    """`AUC`, `mean absolute error`, in the midst of a sentence."""
    return METRICS[metric].words if metric in METRICS else spelled(metric)


def metric_heading(metric: str, unit: str = "") -> str:
    """`Mean absolute error, days`, at the beginning of a sentence or of a column.

    unit: of the target, see scores.unit_words; left out where the metric is not in it.
    """
    heading = capitalised(metric_words(metric))
    return f"{heading}, {unit}" if unit and metric in IN_UNIT else heading


def gain_words(metric: str) -> str:
    """What a gain of a metric is measured in: `Brier score`, `mean squared error`."""
    return _GAINS.get(metric, metric_words(metric))
