"""Candidates of a lens: what each is worth, and which one is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, silhouette_score

from data_contracts.definitions.lens import Lens
from ml.clusters.assigners import Assigner
from ml.clusters.methods import FIT_ROWS, GROWN_ON_VALUE, Sample, fit_method, thin
from ml.frames import Floats

DRAWS = 5
DRAWN_ROWS = 1_500
SILHOUETTE_ROWS = 500
# Refits cost most: only so many candidates are drawn again, those worth most.
SHORTLISTED = 6
# What a clustering needs before its usefulness counts: a redrawn sample of customers gives mostly
# the same groups, and a month leaves most customers in theirs. Where none gets there, those nearly
# as good as the best are let through.
STABLE_ARI = 0.7
MONTH_ARI = 0.7
NEARLY = 0.05
MOST_NOISE = 0.3
# Halving the movement (1 - ARI of a month) is worth a fifth less of the spending explained.
CALM = 1.0 / 3.0
# Below this share of spending, explaining more of it is no reason to prefer a clustering.
LEAST_R2 = 0.1
STILLEST = 0.99


@dataclass(frozen=True)
class Space:
    """One set of axes: positions now, and of the same customers a month later.

    sample: what methods are fitted on, the customers at the fitting date; later_from: rows of it
    that are still there a month later; later: (m, d) their positions then.
    """

    sample: Sample
    later_from: NDArray[np.intp]
    later: Floats


@dataclass(frozen=True)
class Candidate:
    """One fitted clustering with its figures; nan where a figure could not be had.

    space: name of the axes it lies on; method, key: how `fit_method` finds it again; shares: (k,)
    of the customers by cluster; stability_ari: only of those that were shortlisted.
    """

    name: str
    space: str
    method: str
    key: int
    assigner: Assigner
    shares: Floats
    noise_share: float
    stability_ari: float
    month_ari: float
    holdout_r2: float
    silhouette: float

    @property
    def size(self) -> int:
        """Number of clusters."""
        return len(self.shares)

    @property
    def figures(self) -> dict[str, float]:
        """metric -> value, as in models.model_metrics."""
        return {
            "stability_ari": self.stability_ari,
            "month_ari": self.month_ari,
            "holdout_r2": self.holdout_r2,
            "silhouette": self.silhouette,
            "smallest_share": float(self.shares.min()),
            "noise_share": self.noise_share,
            "worth": self.worth,
        }

    @property
    def worth(self) -> float:
        """log of the spending explained, plus CALM times -log of the movement in a month."""
        explained = 0.0 if np.isnan(self.holdout_r2) else self.holdout_r2
        still = 0.0 if np.isnan(self.month_ari) else self.month_ari
        moved = 1.0 - min(max(still, 0.0), STILLEST)
        return float(np.log(max(explained, LEAST_R2)) - CALM * np.log(moved))


def holdout_r2(cluster: NDArray[np.intp], value: Floats, half: NDArray[np.bool_]) -> float:
    """Share of `value` on ~half explained by cluster means learned on half; nan without values."""
    known = ~np.isnan(value)
    learn, test = half & known, ~half & known
    if not learn.any() or not test.any():
        return float("nan")
    total = float(((value[test] - value[test].mean()) ** 2).sum())
    if total <= 0.0:
        return float("nan")
    size = int(cluster.max()) + 1
    count = np.bincount(cluster[learn], minlength=size)
    sums = np.bincount(cluster[learn], weights=value[learn], minlength=size)
    means = np.where(count > 0, sums / np.maximum(count, 1), float(value[learn].mean()))
    return 1.0 - float(((value[test] - means[cluster[test]]) ** 2).sum()) / total


def halves(count: int, seed: int) -> list[NDArray[np.bool_]]:
    """A random half of `count` rows and its complement."""
    half = np.random.default_rng(seed).permutation(count) % 2 == 0
    return [half, ~half]


def evaluate_method(
    method: str, space_name: str, space: Space, lens: Lens, seed: int, label: str = ""
) -> list[Candidate]:
    """Fit and evaluate one method in every size of the lens. label: its name, if another.

    Trees have seen the value of their customers, so that they are grown again on each half before
    it explains the other.
    """
    sizes, sample = range(lens.least, lens.most + 1), space.sample
    fitted = fit_method(method, sizes, sample, seed)
    clusters = {key: assigner.predict(sample.z) for key, assigner in fitted.items()}
    explained = _explained(method, clusters, sample, seed)
    evaluated = []
    for key, assigner in fitted.items():
        cluster = clusters[key]
        shares = np.bincount(cluster, minlength=assigner.size) / len(cluster)
        month = float("nan")
        if len(space.later):
            before = cluster[space.later_from]
            month = float(adjusted_rand_score(before, assigner.predict(space.later)))
        evaluated.append(
            Candidate(
                f"{label or method}_{assigner.size}",
                space_name,
                method,
                key,
                assigner,
                shares,
                float(assigner.is_noise(sample.z).mean()),
                float("nan"),
                month,
                explained[key],
                _silhouette(sample.z, cluster, seed),
            )
        )
    return list({candidate.name: candidate for candidate in evaluated}.values())


Clusters = dict[int, NDArray[np.intp]]


def shortlist(evaluated: list[Candidate], lens: Lens) -> list[Candidate]:
    """Those within the limits of size that last a month, the SHORTLISTED worth most of them."""
    sized = [
        c
        for c in evaluated
        if lens.least <= c.size <= lens.most
        and c.shares.min() >= lens.smallest_share
        and c.noise_share <= MOST_NOISE
    ]
    lasting = _good_enough(sized or evaluated, "month_ari", MONTH_ARI)
    return sorted(lasting, key=lambda c: -c.worth)[:SHORTLISTED]


def draw_again(candidate: Candidate, sample: Sample, seed: int) -> Candidate:
    """The candidate with its stability: mean adjusted Rand index, over a part of the customers,
    of refits on redrawn customers with the fit."""
    random = np.random.default_rng(seed)
    rows = min(len(sample.z), FIT_ROWS if candidate.method in GROWN_ON_VALUE else DRAWN_ROWS)
    seen = sample.z[thin(len(sample.z), DRAWN_ROWS)]
    cluster = candidate.assigner.predict(seen)
    found = []
    for draw in range(DRAWS):
        drawn = sample.rows(random.integers(0, len(sample.z), rows))
        again = fit_method(candidate.method, [candidate.key], drawn, seed + draw + 1)
        other = again.get(candidate.key)
        found.append(float(adjusted_rand_score(cluster, other.predict(seen))) if other else 0.0)
    return replace(candidate, stability_ari=float(np.mean(found)))


def _explained(method: str, clusters: Clusters, sample: Sample, seed: int) -> dict[int, float]:
    turns: dict[int, list[float]] = {key: [] for key in clusters}
    for half in halves(len(sample.z), seed):
        evaluated = clusters
        if method in GROWN_ON_VALUE:
            grown = fit_method(method, clusters, sample.rows(np.flatnonzero(half)), seed)
            evaluated = {key: tree.predict(sample.z) for key, tree in grown.items()}
        for key, cluster in evaluated.items():
            turns[key].append(holdout_r2(cluster, sample.value, half))
    return {key: float(np.mean(found)) if found else float("nan") for key, found in turns.items()}


def _silhouette(z: Floats, cluster: NDArray[np.intp], seed: int) -> float:
    chosen = np.random.default_rng(seed).permutation(len(z))[:SILHOUETTE_ROWS]
    if not 2 <= len(np.unique(cluster[chosen])) < len(chosen):
        return float("nan")
    return float(silhouette_score(z[chosen], cluster[chosen]))


def choose_candidate(shortlisted: Iterable[Candidate]) -> tuple[Candidate, str]:
    """The candidate to keep, and why. Raises ValueError without candidates.

    Of those on the shortlist that a redrawn sample repeats, the one worth most
    (`Candidate.worth`). A limit that nobody meets does not hold. Silhouette is told and decides
    nothing.
    """
    listed = list(shortlisted)
    if not listed:
        raise ValueError("no clustering could be fitted")
    stable = _good_enough(listed, "stability_ari", STABLE_ARI)
    best = max(stable, key=lambda c: c.worth)
    return best, (
        f"{best.size} groups ({best.method} on {best.space}) are worth most among those of a fit "
        f"size that hold still ({_told(best)})"
    )


def _good_enough(candidates: list[Candidate], figure: str, least: float) -> list[Candidate]:
    """Those that reach `least`, or are nearly as good as the best; all where it is unknown."""
    values = {
        number: c.figures[figure]
        for number, c in enumerate(candidates)
        if np.isfinite(c.figures[figure])
    }
    if not values:
        return candidates
    best = max(values.values())
    floor = least if best >= least else best - NEARLY
    return [c for n, c in enumerate(candidates) if values.get(n, -np.inf) >= floor]


def _told(candidate: Candidate) -> str:
    told = [f"{candidate.stability_ari:.2f} agreement when customers are drawn again"]
    if np.isfinite(candidate.month_ari):
        told.append(f"{candidate.month_ari:.2f} after a month")
    if np.isfinite(candidate.holdout_r2):
        told.append(f"{candidate.holdout_r2:.0%} of spending explained")
    return ", ".join(told)
