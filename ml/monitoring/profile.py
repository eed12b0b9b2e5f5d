"""What a model was trained on, in little: what drift is measured against, and its fingerprint."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.estimators.base import Estimator
from ml.frames import Floats, Matrix, Rows, hash_customers, sample_by_customer
from ml.monitoring.drift import Measure, psi

BINS = 10
# Features are watched, the weightiest first, until these carry so much of the contributions.
WATCHED_SHARE = 0.9
WATCHED_FEATURES = 20
# Contributions of so many customers tell what a model looks at.
SAMPLE = 250


@dataclass(frozen=True)
class FeatureProfile:
    """One feature in the training frame.

    edges: (bins - 1,) rising; shares: (bins + 1,), the last is that of missing values; importance:
    share of the model's contributions; usual: psi between the training frame and the training date.
    """

    name: str
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    importance: float
    usual: float

    def measure(self, values: NDArray[np.float32], customers: int) -> Measure:
        """Stability of this feature. values: (n,), nan is missing; customers: of the training."""
        return psi(np.asarray(self.shares), bin_counts(values, self.edges), customers)


@dataclass(frozen=True)
class TrainingProfile:
    """customers: distinct ones learned from; current: those at the training date, whose scores
    are the model's reference. label_*: mean and variance of the labels, and their mean at the
    newest origin. data_digest: fingerprint of the rows, whatever their order."""

    customers: int
    current: int
    label_mean: float
    label_variance: float
    label_newest: float
    data_digest: str
    features: tuple[FeatureProfile, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> TrainingProfile:
        """The inverse of to_dict."""
        features = tuple(
            FeatureProfile(
                item["name"],
                tuple(item["edges"]),
                tuple(item["shares"]),
                float(item["importance"]),
                float(item["usual"]),
            )
            for item in content["features"]
        )
        return cls(**{**content, "features": features})


def profile_training(
    estimator: Estimator, features: Sequence[str], rows: Rows, current: Matrix
) -> TrainingProfile:
    """Describe the rows that a fitted estimator learned from.

    current: (n, features), the customers at the training date.
    """
    customers = len(pd.unique(rows.customer_ids))
    latest = np.flatnonzero(rows.origin == rows.origin.max())
    sample = latest[sample_by_customer(rows.customer_ids[latest], SAMPLE)]
    importance = importances(estimator, rows.x[sample])
    return TrainingProfile(
        customers=customers,
        current=len(current),
        label_mean=float(rows.y.mean()),
        label_variance=float(rows.y.var()),
        label_newest=float(rows.y[latest].mean()),
        data_digest=digest_rows(rows, features),
        features=tuple(
            _profile(features[at], rows.x[:, at], current[:, at], float(importance[at]), customers)
            for at in _watched(importance)
        ),
    )


def importances(estimator: Estimator, x: Matrix) -> Floats:
    """Share of each feature in the sizes of all contributions, (features,); zeros without any."""
    size = np.abs(estimator.contributions(x)[:, :-1]).mean(axis=0)
    total = float(size.sum())
    return np.asarray(size / total if total > 0.0 else size)


def _watched(importance: Floats) -> list[int]:
    """The weightiest features, until they carry enough."""
    order = np.argsort(-importance, kind="stable")
    before = np.cumsum(importance[order]) - importance[order]
    kept = order[(before < WATCHED_SHARE) & (importance[order] > 0.0)]
    return [int(position) for position in kept[:WATCHED_FEATURES]]


def _profile(
    name: str,
    learned: NDArray[np.float32],
    current: NDArray[np.float32],
    importance: float,
    customers: int,
) -> FeatureProfile:
    edges = quantile_edges(learned)
    counts = bin_counts(learned, edges)
    shares = counts / counts.sum()
    usual = psi(shares, bin_counts(current, edges), customers).value
    return FeatureProfile(name, edges, tuple(shares.tolist()), importance, usual)


def quantile_edges(values: NDArray[np.float32] | Floats) -> tuple[float, ...]:
    """Where equal-count bins of the known values begin, the first one left out; (<= 9,), rising."""
    known = values[~np.isnan(values)]
    if not len(known):
        return ()
    inner = np.quantile(known, np.linspace(0.0, 1.0, BINS + 1)[1:-1], method="higher")
    edges = np.unique(inner)
    return tuple(edges[edges > known.min()].tolist())


def bin_counts(values: NDArray[np.float32] | Floats, edges: Sequence[float]) -> Floats:
    """Values per bin and, last, missing ones: (len(edges) + 2,)."""
    missing = np.isnan(values)
    place = np.searchsorted(np.asarray(edges, dtype=np.float64), values, side="right")
    place[missing] = len(edges) + 1
    return np.bincount(place, minlength=len(edges) + 2).astype(np.float64)


def digest_rows(rows: Rows, features: Sequence[str]) -> str:
    """SHA-256 over customers, origins, features by name and labels, independent of any order."""
    with np.errstate(over="ignore"):
        total = _mixed(hash_customers(rows.customer_ids))
        total += _bits(rows.origin.astype("datetime64[D]").astype(np.float64), "origin")
        total += _bits(rows.y, "label")
        for position, name in enumerate(features):
            total += _bits(rows.x[:, position].astype(np.float64), f"feature {name}")
        total = _mixed(total)
        facts = (len(rows), int(total.sum()), int(np.bitwise_xor.reduce(total, initial=0)))
    text = "\n".join([*map(str, facts), *sorted(features)])
    return hashlib.sha256(text.encode()).hexdigest()


def _bits(values: Floats, name: str) -> NDArray[np.uint64]:
    """Each value's bits times an odd number of the column's own (missing values are one value)."""
    odd = hash_customers(np.array([name], dtype=object)) | np.uint64(1)
    known = np.where(np.isnan(values), np.nan, values + 0.0)
    return _mixed(known.view(np.uint64) * odd[0])


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea, Flood, 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
