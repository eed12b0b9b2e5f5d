"""Our figures beside the peers': the table of one target, and the verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from segmentry.home import Home

LOWER_IS_BETTER = {"brier", "mae", "rmse", "ece"}
# Peer -> metric -> its figure.
Peers = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Figure:
    """One of our figures. error: its standard error; rule: the best rule in this metric."""

    candidate: str
    value: float
    error: float | None
    rule: float | None
    customers: int


# Metric -> ours.
Figures = dict[str, Figure]


def demo_warehouse() -> duckdb.DuckDBPyConnection | None:
    """The warehouse of the home, to read; None before a run."""
    warehouse = Home.at().warehouse
    return duckdb.connect(str(warehouse), read_only=True) if warehouse.exists() else None


def best_peer(peers: Peers, metric: str) -> tuple[str, float]:
    """The peer with the best figure of a metric."""
    figures = {name: row[metric] for name, row in peers.items() if metric in row}
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


def table_lines(title: str, figures: Figures, peers: Peers) -> list[str]:
    """The table of one target: peers, the best rule of ours, and ours."""
    metrics = sorted({metric for row in peers.values() for metric in row})
    metrics += [metric for metric in sorted(figures) if metric not in metrics]
    some = next(iter(figures.values()))
    lines = [f"{title}, {some.customers:,} customers, chosen: {some.candidate}"]
    lines.append(f"  {'':26}" + "".join(f"{metric:>18}" for metric in metrics))
    for name, row in peers.items():
        cells = "".join(f"{number(row.get(metric)):>18}" for metric in metrics)
        lines.append(f"  {name:26}{cells}")
    rules = {metric: figure.rule for metric, figure in figures.items()}
    rule = "".join(f"{number(rules.get(metric)):>18}" for metric in metrics)
    lines.append(f"  {'our best rule, by metric':26}{rule}")
    ours = "".join(f"{_with_error(figures.get(metric)):>18}" for metric in metrics)
    lines.append(f"  {'ours':26}{ours}")
    return lines


def number(value: float | None) -> str:
    """A figure as the tables print it; empty when there is none."""
    if value is None:
        return ""
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.4f}"


def _with_error(figure: Figure | None) -> str:
    if figure is None:
        return ""
    error = "" if figure.error is None else f" ±{number(figure.error)}"
    return f"{number(figure.value)}{error}"
