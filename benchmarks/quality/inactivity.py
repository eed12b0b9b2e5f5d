"""No order in 28 and 91 days, and spend of 91 days, on Complete Journey at T = 272 (2017-09-30).

The exams are those that training as of 2017-12-30 holds; the candidate was chosen a horizon before.
"""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np

from benchmarks.quality.comparison import (
    LOWER_IS_BETTER,
    Peers,
    demo_warehouse,
    number,
    table_lines,
)
from benchmarks.quality.exams import (
    ceiling_line,
    demo_test,
    first_order,
    hold,
    paired_line,
    target_named,
    tests_of,
)
from benchmarks.quality.plain_models import AVERAGE, EWMA, LOGISTIC, TREES, WITH_EWMA

# Metrics on which a target must be within one paired standard error of the best peer.
JUDGED = {
    "churn_28d": ("auc", "pr_auc", "brier"),
    "churn_91d": ("auc", "pr_auc", "brier"),
    "spend_91d": ("mae", "rmse", "ngini"),
}
# The best rule and the ceiling inside the test window, which nobody can deploy.
CEILINGS = {
    "churn_28d": {"auc": (0.8653, 0.8908)},
    "churn_91d": {"auc": (0.8612, 0.9036), "pr_auc": (0.3511, 0.4162)},
    "spend_91d": {"ngini": (0.8699, 0.8731), "mae": (167.7, 165.3)},
}
# What is like each peer on our mart, for the error of the difference to it.
AGAIN: dict[str, str] = {
    "recency rule": "rule_recency",
    "RFM score": "rule_rfm",
    "BG/NBD 1 - p_alive": "bg_nbd",
    "MBG/NBD": "mbg_nbd",
    "logistic on log R, F, M": "rule_rfm",
    "logistic, all features": LOGISTIC,
    "LightGBM": TREES,
    "LightGBM and logistic": AVERAGE,
    "last 91 days": "rule_spend_91d",
    "BG/NBD, Gamma-Gamma": "bg_nbd",
    "EWMA, 6 weeks": EWMA,
    "EWMA and LightGBM": WITH_EWMA,
}
PEERS: dict[str, Peers] = {
    "churn_28d": {
        "recency rule": {"auc": 0.810, "pr_auc": 0.542, "brier": 0.111},
        "RFM score": {"auc": 0.865, "pr_auc": 0.543, "brier": 0.103},
        "BG/NBD 1 - p_alive": {"auc": 0.769, "pr_auc": 0.463, "brier": 0.165},
        "MBG/NBD": {"auc": 0.872, "pr_auc": 0.587, "brier": 0.102},
        "logistic on log R, F, M": {"auc": 0.873, "pr_auc": 0.611, "brier": 0.101},
        "logistic, all features": {"auc": 0.889, "pr_auc": 0.617, "brier": 0.097},
        "LightGBM": {"auc": 0.890, "pr_auc": 0.621, "brier": 0.097},
        "LightGBM and logistic": {"auc": 0.891, "pr_auc": 0.623, "brier": 0.096},
    },
    "churn_91d": {
        "recency rule": {"auc": 0.860, "pr_auc": 0.351, "brier": 0.046},
        "RFM score": {"auc": 0.861, "pr_auc": 0.270, "brier": 0.047},
        "BG/NBD 1 - p_alive": {"auc": 0.710, "pr_auc": 0.244, "brier": 0.057},
        "MBG/NBD": {"auc": 0.885, "pr_auc": 0.371, "brier": 0.047},
        "logistic on log R, F, M": {"auc": 0.880, "pr_auc": 0.392, "brier": 0.044},
        "logistic, all features": {"auc": 0.8995, "pr_auc": 0.383, "brier": 0.047},
        "LightGBM": {"auc": 0.894, "pr_auc": 0.360, "brier": 0.044},
        "LightGBM and logistic": {"auc": 0.894, "pr_auc": 0.357, "brier": 0.045},
    },
    "spend_91d": {
        "last 91 days": {"mae": 178.6, "rmse": 274.6, "ngini": 0.856},
        "BG/NBD, Gamma-Gamma": {"mae": 183.4, "rmse": 281.5, "ngini": 0.846},
        "EWMA, 6 weeks": {"mae": 167.4, "rmse": 260.1, "ngini": 0.870},
        "EWMA and LightGBM": {"mae": 166.5, "rmse": 256.9, "ngini": 0.871},
    },
}


def report() -> list[str]:
    """Peers and ours, verdicts, and the way to the ceiling, per target."""
    warehouse = demo_warehouse()
    if warehouse is None:
        return ["no warehouse; run the demo first"]
    lines: list[str] = []
    first = first_order(warehouse)
    for name, peers in PEERS.items():
        target = target_named(name)
        held = hold(warehouse, target, demo_test(target, first))
        title = f"{name} at {held.exam.origin}, chosen at {held.chosen_at}"
        lines += table_lines(title, held.figures(), peers)
        lines += [paired_line(held, metric, peers, AGAIN) for metric in JUDGED[name]]
        lines += [ceiling_line(held, m, *ends) for m, ends in CEILINGS[name].items()]
        lines += [f"  {held.seconds:.1f} s for two exams of all candidates", ""]
    for name in PEERS:
        lines += _many_dates(warehouse, name, first)
    warehouse.close()
    return lines


def _many_dates(warehouse: duckdb.DuckDBPyConnection, name: str, first: date) -> list[str]:
    """One date is one draw: ours and the best peers' recipe at every date four weeks apart."""
    target = target_named(name)
    held = [hold(warehouse, target, test) for test in tests_of(warehouse, target, first)]
    recipe = AVERAGE if target.is_probability else WITH_EWMA
    days = ", ".join(str(one.exam.origin) for one in held)
    lines = [f"{name} beside {recipe} on our mart, means over {days}"]
    for metric in JUDGED[name]:
        ours = np.asarray([one.value(one.chosen, metric) for one in held])
        peer = np.asarray([one.value(recipe, metric) for one in held])
        gain = (peer - ours) if metric in LOWER_IS_BETTER else (ours - peer)
        error = gain.std(ddof=1) / len(gain) ** 0.5 if len(gain) > 1 else np.nan
        lines.append(
            f"  {metric}: ours {number(ours.mean())}, theirs {number(peer.mean())}; better by "
            f"{gain.mean():.4f} ± {error:.4f}, on {(gain > 0).sum()} of {len(gain)} dates"
        )
    return [*lines, ""]
