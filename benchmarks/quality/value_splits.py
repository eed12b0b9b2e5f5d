"""The splits of CDNOW that the peers were measured on, with their published figures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from benchmarks.quality.comparison import Peers
from data_contracts.definitions.target import Target
from segmentry.project.vocabulary import targets

AMOUNTS = ("mae orders", "rmse orders", "aggregate", "ngini", "top decile")
CHANCES = ("auc", "pr_auc", "brier")


@dataclass(frozen=True)
class Split:
    """One table of published figures. way: the metric with a best rule and a ceiling."""

    part: str
    title: str
    day: date
    weeks: int
    peers: Peers
    yardstick: str
    way: tuple[str, float, float] | None = None

    @property
    def is_value(self) -> bool:
        """Whether orders and spend are asked, or who stays away."""
        return "ngini" in next(iter(self.peers.values()))

    def targets(self) -> dict[str, Target]:
        """The project's targets of 91 days, and the same of this horizon."""
        known = targets()
        if not self.is_value:
            return {"churn_91d": known["churn_91d"]}
        found = {name: known[name] for name in ("orders_91d", "spend_91d")}
        days = 7 * self.weeks
        for what in ("orders", "spend"):
            name = f"{what}_{days}d"
            found[name] = replace(known[f"{what}_91d"], name=name, horizon_days=days)
        return found


def _row(*figures: float | None) -> dict[str, float]:
    names = AMOUNTS if len(figures) == len(AMOUNTS) else CHANCES
    pairs = zip(names, figures, strict=True)
    return {name: figure for name, figure in pairs if figure is not None}


SPLITS = (
    Split(
        "sample",
        "CDNOW sample, 39 weeks -> 39 weeks",
        date(1997, 10, 1),
        39,
        {
            "naive rate": _row(1.024, 2.212, 0.56, 0.679, 0.492),
            "BG/NBD": _row(0.786, 1.608, -0.12, 0.638, 0.502),
            "Pareto/NBD": _row(0.7545, 1.603, -0.115, 0.693, 0.500),
        },
        "Pareto/NBD",
    ),
    Split(
        "full",
        "CDNOW full, 39 weeks -> 39 weeks",
        date(1997, 10, 1),
        39,
        {
            "Pareto/NBD": _row(0.794, 1.726, -0.13, 0.7195, 0.524),
            "LightGBM, out of time": _row(0.914, 1.698, 0.12, 0.717, 0.524),
            "average of the two": _row(0.848, 1.693, -0.003, 0.7234, 0.525),
        },
        "Pareto/NBD",
        ("ngini", 0.7121, 0.7248),
    ),
    Split(
        "full",
        "CDNOW full, 52 weeks -> 26 weeks",
        date(1997, 12, 31),
        26,
        {
            "average of the two": _row(0.572, 1.096, 0.14, 0.7618, 0.572),
            "MBG/NBD": _row(0.529, 1.115, -0.06, 0.729, 0.564),
        },
        "MBG/NBD",
    ),
    Split(
        "full",
        "CDNOW full, no order in 91 days",
        date(1997, 12, 31),
        13,
        {
            "recency rule": _row(0.793, 0.938, 0.112),
            "RFM score": _row(0.800, 0.937, 0.108),
            "BG/NBD 1 - p_alive": _row(0.336, 0.831, 0.651),
            "MBG/NBD": _row(0.797, 0.932, 0.106),
            "logistic on log R, F, M": _row(0.807, 0.943, 0.105),
            "logistic, all features": _row(0.8074, 0.943, 0.104),
            "LightGBM": _row(0.807, 0.941, 0.106),
        },
        "MBG/NBD",
        ("auc", 0.7995, 0.8088),
    ),
)
