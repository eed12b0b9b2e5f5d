"""No order in 28 and 91 days, and spend of 91 days, on Complete Journey at 2017-09-30.

Our figures come from models.model_metrics of a run on Complete Journey as of 2017-12-30. They are
of the candidate that was chosen without seeing that date.
"""

from __future__ import annotations

from benchmarks.quality.comparison import Peers, demo_database, read_figures, table_lines

ORIGIN = "2017-09-30"
# Metrics on which a target must be within one standard error of the best peer.
JUDGED = {
    "churn_28d": ("auc", "brier"),
    "churn_91d": ("auc", "brier"),
    "spend_91d": ("mae", "ngini"),
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
    """The tables of the targets that were tested at the origin."""
    database = demo_database()
    if database is None:
        return ["no serving database; run the demo first"]
    ours, _ = read_figures(database, ORIGIN)
    lines: list[str] = []
    for target, peers in PEERS.items():
        if target in ours:
            title = f"{target} at {ORIGIN}"
            lines += [*table_lines(title, ours[target], peers, JUDGED[target]), ""]
        else:
            lines += [f"{target}: NOT tested at {ORIGIN}", ""]
    return lines
