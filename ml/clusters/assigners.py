"""What tells for every customer how likely each cluster is: mixtures, neighbours, soft trees.

Each has `size`, `predict(z)` (n,), `probabilities(z)` (n, k) whose rows sum to 1, `is_noise(z)`
(n,), `ordered(order)` (the same clusters in another order), `to_dict` and `from_dict`. A row
depends on itself alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import logsumexp
from scipy.stats import norm

from ml.frames import Floats

NEIGHBOURS = 15


@dataclass(frozen=True)
class Mixture:
    """k Gaussians in d dimensions: weights (k,), means (k, d), roots (k, d, d) of the precision.

    noise_below: log density under which a customer belongs nowhere. KMeans is kept as what it is,
    a mixture of equal round clusters.
    """

    weights: Floats
    means: Floats
    roots: Floats
    noise_below: float = -np.inf

    @property
    def size(self) -> int:
        """Number of clusters."""
        return len(self.weights)

    def log_density(self, z: Floats) -> Floats:
        """Weighted log density of each cluster, shape (n, k)."""
        centred = z[:, None, :] - self.means[None, :, :]
        whitened = np.einsum("nkd,kde->nke", centred, self.roots, optimize=False)
        spread = np.log(np.abs(np.linalg.det(self.roots)))
        constant = np.log(self.weights) + spread - 0.5 * z.shape[1] * np.log(2.0 * np.pi)
        return np.asarray(constant - 0.5 * (whitened**2).sum(axis=2))

    def probabilities(self, z: Floats) -> Floats:
        """Share of each cluster in the density at each row."""
        density = self.log_density(z)
        return np.asarray(np.exp(density - logsumexp(density, axis=1, keepdims=True)))

    def predict(self, z: Floats) -> NDArray[np.intp]:
        """The likeliest cluster of each row."""
        return np.asarray(self.log_density(z).argmax(axis=1), dtype=np.intp)

    def is_noise(self, z: Floats) -> NDArray[np.bool_]:
        """Rows less likely than noise_below."""
        return np.asarray(logsumexp(self.log_density(z), axis=1) < self.noise_below)

    def ordered(self, order: NDArray[np.intp]) -> Mixture:
        """The same mixture with its clusters in another order."""
        return replace(
            self, weights=self.weights[order], means=self.means[order], roots=self.roots[order]
        )

    def with_noise(self, z: Floats, share: float) -> Mixture:
        """The same mixture; what is less likely than all but `share` of z is noise."""
        density = logsumexp(self.log_density(z), axis=1)
        return replace(self, noise_below=float(np.quantile(density, share)))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content; no noise is told as null, since JSON knows no infinity."""
        noise = self.noise_below if np.isfinite(self.noise_below) else None
        arrays = {key: getattr(self, key).tolist() for key in ("weights", "means", "roots")}
        return {**arrays, "noise_below": noise}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Mixture:
        """The inverse of to_dict."""
        weights, means, roots = (np.asarray(content[key]) for key in ("weights", "means", "roots"))
        noise = content["noise_below"]
        return cls(weights, means, roots, -np.inf if noise is None else float(noise))


@dataclass(frozen=True)
class Neighbours:
    """Clusters of a sample: points (m, d) with labels (m,), -1 for noise; others by vote.

    size: number of clusters. A row votes with its NEIGHBOURS nearest points, and is noise when the
    nearest of all is.
    """

    points: Floats
    labels: NDArray[np.intp]
    size: int

    def _votes(self, z: Floats) -> Floats:
        """Share of the nearest points by cluster, shape (n, k + 1), noise last."""
        count = min(NEIGHBOURS, len(self.points))
        _, nearest = cKDTree(self.points).query(z, count)
        labels = np.where(self.labels < 0, self.size, self.labels)[nearest.reshape(len(z), count)]
        votes = np.zeros((len(z), self.size + 1))
        for column in range(count):
            votes[np.arange(len(z)), labels[:, column]] += 1.0 / count
        return votes

    def probabilities(self, z: Floats) -> Floats:
        """Share of the votes for each cluster among those not for noise; even where all are."""
        votes = self._votes(z)[:, : self.size]
        total = votes.sum(axis=1, keepdims=True)
        nearest = np.zeros_like(votes)
        lost = np.flatnonzero(total[:, 0] <= 0.0)
        if lost.size:
            nearest[lost, self._nearest(z[lost])] = 1.0
        return np.where(total > 0.0, votes / np.where(total > 0.0, total, 1.0), nearest)

    def predict(self, z: Floats) -> NDArray[np.intp]:
        """The cluster with most votes."""
        return np.asarray(self.probabilities(z).argmax(axis=1), dtype=np.intp)

    def _nearest(self, z: Floats) -> NDArray[np.intp]:
        """The cluster of the nearest point that is no noise."""
        kept = self.labels >= 0
        _, nearest = cKDTree(self.points[kept]).query(z)
        return np.asarray(self.labels[kept][nearest])

    def is_noise(self, z: Floats) -> NDArray[np.bool_]:
        """Rows whose nearest point is noise."""
        _, nearest = cKDTree(self.points).query(z)
        return np.asarray(self.labels[nearest] < 0)

    def ordered(self, order: NDArray[np.intp]) -> Neighbours:
        """The same clusters in another order."""
        place = np.append(np.argsort(order), -1)
        return replace(self, labels=place[self.labels])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "points": self.points.tolist(),
            "labels": self.labels.tolist(),
            "size": self.size,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Neighbours:
        """The inverse of to_dict."""
        labels = np.asarray(content["labels"], dtype=np.intp)
        return cls(np.asarray(content["points"]), labels, int(content["size"]))


@dataclass(frozen=True)
class SoftTree:
    """A binary tree whose leaves are clusters; its splits are as wide as a month's ups and downs.

    Arrays by node: column (-1 at a leaf), threshold, left, right (children), leaf (its cluster,
    -1 at a split). widths (d,): deviation of a month's change in each column. A row goes left with
    the probability that, a month's change added, it lies below the threshold.
    """

    column: NDArray[np.intp]
    threshold: Floats
    left: NDArray[np.intp]
    right: NDArray[np.intp]
    leaf: NDArray[np.intp]
    widths: Floats

    @property
    def size(self) -> int:
        """Number of leaves."""
        return int(self.leaf.max()) + 1

    def probabilities(self, z: Floats) -> Floats:
        """Probability of each leaf."""
        found = np.zeros((len(z), self.size))
        reached = {0: np.ones(len(z))}
        for node, column in enumerate(self.column):
            share = reached.pop(node)
            if column < 0:
                found[:, self.leaf[node]] = share
                continue
            below = norm.cdf((self.threshold[node] - z[:, column]) / self.widths[column])
            reached[int(self.left[node])] = share * below
            reached[int(self.right[node])] = share * (1.0 - below)
        return found

    def predict(self, z: Floats) -> NDArray[np.intp]:
        """The leaf that each row lies in, be it the likeliest in a month or not."""
        node = np.zeros(len(z), dtype=np.intp)
        while (moving := np.flatnonzero(self.column[node] >= 0)).size:
            here = node[moving]
            below = z[moving, self.column[here]] <= self.threshold[here]
            node[moving] = np.where(below, self.left[here], self.right[here])
        return self.leaf[node]

    def is_noise(self, z: Floats) -> NDArray[np.bool_]:
        """Nobody: a tree has a leaf for everyone."""
        return np.zeros(len(z), dtype=np.bool_)

    def ordered(self, order: NDArray[np.intp]) -> SoftTree:
        """The same leaves in another order."""
        place = np.append(np.argsort(order), -1)
        return replace(self, leaf=place[self.leaf])

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        keys = ("column", "threshold", "left", "right", "leaf", "widths")
        return {key: getattr(self, key).tolist() for key in keys}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> SoftTree:
        """The inverse of to_dict."""
        nodes = {
            key: np.asarray(content[key], dtype=np.intp)
            for key in ("column", "left", "right", "leaf")
        }
        threshold, widths = np.asarray(content["threshold"]), np.asarray(content["widths"])
        return cls(**nodes, threshold=threshold, widths=widths)


Assigner = Mixture | Neighbours | SoftTree
ASSIGNERS: dict[str, type[Mixture] | type[Neighbours] | type[SoftTree]] = {
    "mixture": Mixture,
    "neighbours": Neighbours,
    "tree": SoftTree,
}


def kind_of(assigner: Assigner) -> str:
    """The name under which an assigner is stored."""
    return next(name for name, kind in ASSIGNERS.items() if isinstance(assigner, kind))
