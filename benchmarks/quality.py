"""Our model quality beside the peers', at the origin and on the data where theirs was measured.

Reads models.model_metrics from a home's serving database, after a run on Complete Journey as of
2017-12-30, and prints for each target what we would have scored with on 2017-09-30. Our figure is
of the candidate chosen without seeing that origin.

    python -m benchmarks.quality [HOME]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

ORIGIN = "2017-09-30"
LOWER_IS_BETTER = {"brier", "mae", "rmse"}
# Metrics on which a target must be within one standard error of the best peer.
JUDGED = {
    "churn_28d": ("auc", "brier"),
    "churn_91d": ("auc", "brier"),
    "purchase_7d": ("auc",),
    "spend_91d": ("mae", "ngini"),
}
# Where the date of the peers' test is not told: their simple rule, and the same one of ours. What
# the rule reaches here shows what the date makes; the gain over it is what can be compared.
SAME_RULE = {"purchase_7d": ("auc", "trips in 91 days", "rule_orders_91d")}
# BENCHMARKS: inactivity at T = 272, propensity, and 39 weeks -> 13 weeks of spend.
PEERS: dict[str, dict[str, dict[str, float]]] = {
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
    "purchase_7d": {
        "trips in 91 days": {"auc": 0.828},
        "logistic": {"auc": 0.8367},
        "LightGBM": {"auc": 0.8389, "ece": 0.011},
    },
    "spend_91d": {
        "last 91 days": {"mae": 178.6, "rmse": 274.6, "ngini": 0.856},
        "BG/NBD, Gamma-Gamma": {"mae": 183.4, "rmse": 281.5, "ngini": 0.846},
        "EWMA, 6 weeks": {"mae": 167.4, "rmse": 260.1, "ngini": 0.870},
        "EWMA and LightGBM": {"mae": 166.5, "rmse": 256.9, "ngini": 0.871},
    },
}
QUERY = f"""
    select target, candidate, metric, value, standard_error, rule_value, customer_count, is_chosen
    from models.model_metrics
    where split = 'test' and as_of_date = date '{ORIGIN}'
    qualify trained_as_of = max(trained_as_of) over (partition by target)
"""


@dataclass(frozen=True)
class Figure:
    """One of our figures. error: its standard error; rule: the best rule in this metric."""

    candidate: str
    value: float
    error: float | None
    rule: float | None
    customers: int


Ours = dict[str, dict[str, Figure]]


def read_figures(database: Path) -> tuple[Ours, dict[str, float]]:
    """target -> metric -> our figure at the origin; target -> what the peers' rule gives us."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(QUERY).fetchall()
    ours: Ours = {}
    rules: dict[str, float] = {}
    for target, candidate, metric, value, error, rule, customers, is_chosen in rows:
        figure = Figure(candidate, value, error, rule, customers)
        if is_chosen:
            ours.setdefault(target, {})[metric] = figure
        same = SAME_RULE.get(target)
        if same is not None and (metric, candidate) == (same[0], same[2]):
            rules[target] = value
    return ours, rules


def best_peer(target: str, metric: str) -> tuple[str, float]:
    """The peer with the best figure of a metric."""
    figures = {name: row[metric] for name, row in PEERS[target].items() if metric in row}
    pick = min if metric in LOWER_IS_BETTER else max
    name = pick(figures, key=figures.__getitem__)
    return name, figures[name]


def verdict(figure: Figure, metric: str, best: float) -> str:
    """'within' when ours is no more than one standard error worse than the best peer's."""
    worse = figure.value - best if metric in LOWER_IS_BETTER else best - figure.value
    if worse <= 0.0:
        return "within (as good or better)"
    if not figure.error:
        return f"not told: no standard error, worse by {worse:.4g}"
    word = "within" if worse <= figure.error else "NOT within"
    return f"{word} (worse by {worse / figure.error:.2f} standard errors)"


def table_lines(target: str, figures: dict[str, Figure]) -> list[str]:
    """The table of one target: peers, the best rule of ours, ours, and the verdicts."""
    metrics = sorted({metric for row in PEERS[target].values() for metric in row})
    metrics += [metric for metric in sorted(figures) if metric not in metrics]
    some = next(iter(figures.values()))
    lines = [f"{target} at {ORIGIN}, {some.customers:,} customers, chosen: {some.candidate}"]
    lines.append(f"  {'':26}" + "".join(f"{metric:>18}" for metric in metrics))
    for name, row in PEERS[target].items():
        cells = "".join(f"{_number(row.get(metric)):>18}" for metric in metrics)
        lines.append(f"  {name:26}{cells}")
    rule = "".join(f"{_number(_of(figures, metric, 'rule')):>18}" for metric in metrics)
    lines.append(f"  {'our best rule, by metric':26}{rule}")
    ours = "".join(f"{_with_error(figures.get(metric)):>18}" for metric in metrics)
    lines.append(f"  {'ours':26}{ours}")
    for metric in JUDGED[target]:
        if metric in figures:
            name, best = best_peer(target, metric)
            told = verdict(figures[metric], metric, best)
            lines.append(f"  {metric}: {told}; best peer {name} {_number(best)}")
    return lines


def gain_line(target: str, figures: dict[str, Figure], our_rule: float) -> str:
    """Ours and the best peer's gain over the same simple rule."""
    metric, rule, _ = SAME_RULE[target]
    name, best = best_peer(target, metric)
    theirs = best - PEERS[target][rule][metric]
    figure = figures[metric]
    ours = figure.value - our_rule
    word = "within" if theirs - ours <= (figure.error or 0.0) else "NOT within"
    return (
        f"  {metric} over the simple rule: {word}; ours {ours:+.4f} over {our_rule:.4f}, "
        f"{name} {theirs:+.4f} over {PEERS[target][rule][metric]:.4f} (the date of the peers' "
        "test is not told)"
    )


def _of(figures: dict[str, Figure], metric: str, part: str) -> float | None:
    return getattr(figures[metric], part) if metric in figures else None


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.4f}"


def _with_error(figure: Figure | None) -> str:
    if figure is None:
        return ""
    error = "" if figure.error is None else f" ±{_number(figure.error)}"
    return f"{_number(figure.value)}{error}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; 2 without a database. Verdicts are for people, not for the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("home", nargs="?", type=Path, default=Path(".segmentry"))
    home = parser.parse_args(arguments).home
    database = home if home.is_file() else home / "serving" / "current" / "segmentry.duckdb"
    if not database.exists():
        print(f"no serving database at {database}; run the demo first", file=sys.stderr)  # noqa: T201
        return 2
    ours, rules = read_figures(database)
    lines: list[str] = []
    for target in PEERS:
        if target in ours:
            lines += table_lines(target, ours[target])
            if target in rules:
                lines.append(gain_line(target, ours[target], rules[target]))
            lines.append("")
        else:
            lines += [f"{target}: NOT tested at {ORIGIN}", ""]
    print("\n".join(lines))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
