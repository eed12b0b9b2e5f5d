"""KMeans and Gaussian mixtures of several sizes, and what each is worth."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import (
    adjusted_rand_score,
    silhouette_score,
)
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from ml.cluster_model import Mixture
from ml.frames import Floats

SIZES = range(3, 9)
KINDS = ("kmeans", "gmm")
DRAWS = 6
# Starts of KMeans; with few of them, redrawn fits differ by bad luck alone.
STARTS = 8
FIT_ROWS = 20_000
SILHOUETTE_ROWS = 2_000
# What a clustering needs before its usefulness counts: a redrawn sample of customers gives mostly
# the same groups, and a month leaves most customers in theirs. Where none gets there, those nearly
# as good as the best are let through.
STABLE_ARI = 0.75
MONTH_ARI = 0.6
NEARLY = 0.05
EQUAL_R2 = 0.02


@dataclass(frozen=True)
class Candidate:
    """One fitted mixture with its figures; nan where a figure could not be had."""

    name: str
    size: int
    mixture: Mixture
    stability_ari: float
    month_ari: float
    holdout_r2: float
    silhouette: float

    @property
    def figures(self) -> dict[str, float]:
        """metric -> value, as in models.model_metrics."""
        return {
            "stability_ari": self.stability_ari,
            "month_ari": self.month_ari,
            "holdout_r2": self.holdout_r2,
            "silhouette": self.silhouette,
        }


@dataclass(frozen=True)
class Space:
    """What candidates are fitted and judged on.

    now: (n, d) positions; later_from, later: rows of `now` still there a month later, and their
    positions then; value: (n,) amount of the next 13 weeks, nan where unknown.
    """

    now: Floats
    later_from: NDArray[np.intp]
    later: Floats
    value: Floats


def fit_mixture(kind: str, size: int, z: Floats, seed: int, starts: int = STARTS) -> Mixture:
    """Fit one clustering on z (n, d)."""
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        if kind == "gmm":
            model = GaussianMixture(
                size, covariance_type="full", reg_covar=1e-3, n_init=1, random_state=seed
            ).fit(z)
            return Mixture(
                np.maximum(model.weights_, 1e-12), model.means_, model.precisions_cholesky_
            )
        means = KMeans(size, n_init=starts, random_state=seed).fit(z)
    spread = float(means.inertia_) / (len(z) * z.shape[1])
    root = np.eye(z.shape[1]) / np.sqrt(max(spread, 1e-12))
    return Mixture(np.full(size, 1.0 / size), means.cluster_centers_, np.stack([root] * size))


def holdout_r2(cluster: NDArray[np.intp], value: Floats, seed: int) -> float:
    """Share of `value` explained by cluster means learned on one half, tested on the other.

    Both halves take their turn. nan without known or varying values.
    """
    known = ~np.isnan(value)
    cluster, value = cluster[known], value[known]
    if len(value) < 4:
        return float("nan")
    half = np.random.default_rng(seed).permutation(len(value)) % 2 == 0
    found = []
    for learn, test in ((half, ~half), (~half, half)):
        total = float(((value[test] - value[test].mean()) ** 2).sum())
        if total <= 0.0:
            return float("nan")
        size = int(cluster.max()) + 1
        count = np.bincount(cluster[learn], minlength=size)
        sums = np.bincount(cluster[learn], weights=value[learn], minlength=size)
        overall = float(value[learn].mean())
        means = np.where(count > 0, sums / np.maximum(count, 1), overall)
        found.append(1.0 - float(((value[test] - means[cluster[test]]) ** 2).sum()) / total)
    return float(np.mean(found))


def bootstrap_stability(
    kind: str, mixture: Mixture, z: Floats, seed: int, draws: int = DRAWS
) -> float:
    """Mean adjusted Rand index of refits on resampled customers with the fit, over all rows."""
    random = np.random.default_rng(seed)
    reference = mixture.predict(z)
    size = len(mixture.weights)
    agreements = []
    for draw in range(draws):
        resampled = z[random.integers(0, len(z), len(z))]
        again = fit_mixture(kind, size, resampled, seed + draw + 1)
        agreements.append(float(adjusted_rand_score(reference, again.predict(z))))
    return float(np.mean(agreements))


def judge_candidates(space: Space, seed: int) -> list[Candidate]:
    """Fit and judge every kind and size; those that leave a cluster empty are left out."""
    step = max(1, -(-len(space.now) // FIT_ROWS))
    fitted_on = space.now[::step]
    judged = []
    for kind in KINDS:
        for size in SIZES:
            if len(np.unique(fitted_on, axis=0)) < size:
                continue
            mixture = fit_mixture(kind, size, fitted_on, seed)
            cluster = mixture.predict(space.now)
            if len(np.unique(cluster)) < size:
                continue
            month = float("nan")
            if len(space.later):
                before = cluster[space.later_from]
                month = float(adjusted_rand_score(before, mixture.predict(space.later)))
            judged.append(
                Candidate(
                    f"{kind}_{size}",
                    size,
                    mixture,
                    bootstrap_stability(kind, mixture, fitted_on, seed),
                    month,
                    holdout_r2(cluster, space.value, seed),
                    _silhouette(space.now, cluster, seed),
                )
            )
    return judged


def _silhouette(z: Floats, cluster: NDArray[np.intp], seed: int) -> float:
    chosen = np.random.default_rng(seed).permutation(len(z))[:SILHOUETTE_ROWS]
    if len(np.unique(cluster[chosen])) < 2:
        return float("nan")
    return float(silhouette_score(z[chosen], cluster[chosen]))


def choose_candidate(candidates: Iterable[Candidate]) -> tuple[Candidate, str]:
    """The candidate to keep, and why. Raises ValueError without candidates.

    Of those that are stable, those that last a month; of these the one that says most about the
    next 13 weeks' spending, and the smaller of two that say about the same.
    """
    judged = list(candidates)
    if not judged:
        raise ValueError("no clustering could be fitted")
    stable = _good_enough(judged, "stability_ari", STABLE_ARI)
    lasting = _good_enough(stable, "month_ari", MONTH_ARI)
    values = [c.holdout_r2 for c in lasting if not np.isnan(c.holdout_r2)]
    if not values:
        best = max(lasting, key=lambda c: c.stability_ari)
        return best, f"{best.size} groups are the most stable ({_told(best)})"
    good = [c for c in lasting if c.holdout_r2 >= max(values) - EQUAL_R2]
    best = min(good, key=lambda c: (c.size, -c.holdout_r2))
    return best, (
        f"{best.size} groups say most about the next 13 weeks' spending among the {len(lasting)} "
        f"of {len(judged)} candidates that hold still ({_told(best)})"
    )


def _good_enough(candidates: list[Candidate], figure: str, least: float) -> list[Candidate]:
    """Those that reach `least`, or are nearly as good as the best; all where it is unknown."""
    values = {c.name: c.figures[figure] for c in candidates if np.isfinite(c.figures[figure])}
    if not values:
        return candidates
    best = max(values.values())
    floor = least if best >= least else best - NEARLY
    return [c for c in candidates if values.get(c.name, -np.inf) >= floor]


def _told(candidate: Candidate) -> str:
    told = [f"{candidate.stability_ari:.2f} agreement when customers are drawn again"]
    if np.isfinite(candidate.month_ari):
        told.append(f"{candidate.month_ari:.2f} after a month")
    if np.isfinite(candidate.holdout_r2):
        told.append(f"{candidate.holdout_r2:.0%} of spending explained")
    return ", ".join(told)
