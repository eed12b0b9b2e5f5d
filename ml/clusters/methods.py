"""The methods that find clusters, each fitted for several sizes at once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.tree import DecisionTreeRegressor
from threadpoolctl import threadpool_limits

from ml.clusters.assigners import Assigner, Mixture, Neighbours, SoftTree
from ml.frames import Floats

# Starts of KMeans; with few of them, redrawn fits differ by bad luck alone.
STARTS = 4
FIT_ROWS = 20_000
# Linkage and density look at every pair: a sample bears it, the rest is assigned.
PAIR_ROWS = 1_000
# Shares of the sample that a dense group must hold, in percent.
DENSE_PERCENT = (2, 5, 10)
LEAST_LEAF = 20
GROWN_ON_VALUE = ("tree", "ladder")
# The least likely share of the customers that a mixture was fitted on is called noise.
NOISE_SHARE = 0.01


@dataclass(frozen=True)
class Sample:
    """What a method is fitted on.

    z: (n, d) positions; value: (n,) amount of the next 13 weeks, nan where unknown; widths: (d,)
    deviation of a month's change of each column.
    """

    z: Floats
    value: Floats
    widths: Floats

    def rows(self, chosen: NDArray[np.intp]) -> Sample:
        """These rows of it, repeats included."""
        return Sample(self.z[chosen], self.value[chosen], self.widths)

    def thinned(self, most: int) -> Sample:
        """At most `most` rows of it."""
        return self.rows(thin(len(self.z), most))


def thin(count: int, most: int) -> NDArray[np.intp]:
    """At most `most` of `count` positions, evenly spread over their order."""
    return np.arange(0, count, max(1, -(-count // most)))


def fit_method(method: str, sizes: Iterable[int], sample: Sample, seed: int) -> dict[int, Assigner]:
    """Clusters by one method, for every size that could be had.

    The key is the size that was asked for; of 'hdbscan', which finds its own number of clusters,
    the least share of the customers in a group, in percent.
    """
    with one_thread_each():
        return _FITS[method](list(sizes), sample, seed)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """One thread a fit, for the same sums on every machine; fits that end early do so silently."""
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _kmeans(sizes: list[int], sample: Sample, seed: int) -> dict[int, Assigner]:
    z = sample.thinned(FIT_ROWS).z
    found: dict[int, Assigner] = {}
    for size in _possible(sizes, z):
        means = KMeans(size, n_init=STARTS, random_state=seed).fit(z)
        spread = float(means.inertia_) / (len(z) * z.shape[1])
        root = np.eye(z.shape[1]) / np.sqrt(max(spread, 1e-12))
        equal = np.full(size, 1.0 / size)
        mixture = Mixture(equal, means.cluster_centers_, np.stack([root] * size))
        found[size] = mixture.with_noise(z, NOISE_SHARE)
    return found


def _gmm(sizes: list[int], sample: Sample, seed: int) -> dict[int, Assigner]:
    z = sample.thinned(FIT_ROWS).z
    found: dict[int, Assigner] = {}
    for size in _possible(sizes, z):
        model = GaussianMixture(size, reg_covar=1e-3, max_iter=50, tol=1e-2, random_state=seed).fit(
            z
        )
        weights = np.maximum(model.weights_, 1e-12)
        mixture = Mixture(weights, model.means_, model.precisions_cholesky_)
        found[size] = mixture.with_noise(z, NOISE_SHARE)
    return found


def _ward(sizes: list[int], sample: Sample, seed: int) -> dict[int, Assigner]:  # noqa: ARG001
    z = sample.thinned(PAIR_ROWS).z
    tree = linkage(z, "ward")
    return {
        size: Neighbours(z, fcluster(tree, size, "maxclust").astype(np.intp) - 1, size)
        for size in _possible(sizes, z)
    }


def _hdbscan(sizes: list[int], sample: Sample, seed: int) -> dict[int, Assigner]:  # noqa: ARG001
    z = sample.thinned(PAIR_ROWS).z
    found: dict[int, Assigner] = {}
    for percent in DENSE_PERCENT:
        least = max(5, len(z) * percent // 100)
        labels = HDBSCAN(min_cluster_size=least, min_samples=5, copy=True).fit(z).labels_
        size = int(labels.max()) + 1
        if size >= 2:
            found[percent] = Neighbours(z, labels.astype(np.intp), size)
    return found


def _tree(sizes: list[int], sample: Sample, seed: int) -> dict[int, Assigner]:
    known = np.flatnonzero(np.isfinite(sample.value))
    if known.size < 2 * LEAST_LEAF:
        return {}
    z, value = sample.z[known], sample.value[known]
    found: dict[int, Assigner] = {}
    for size in sizes:
        grown = DecisionTreeRegressor(
            max_leaf_nodes=size, min_samples_leaf=LEAST_LEAF, random_state=seed
        ).fit(z, value)
        if grown.get_n_leaves() == size:
            found[size] = _soft(grown, sample.widths)
    return found


def _soft(grown: DecisionTreeRegressor, widths: Floats) -> SoftTree:
    tree = grown.tree_
    is_leaf = tree.children_left < 0
    leaf = np.full(tree.node_count, -1, dtype=np.intp)
    leaf[is_leaf] = np.arange(int(is_leaf.sum()))
    column = np.where(is_leaf, -1, tree.feature).astype(np.intp)
    left, right = (side.astype(np.intp) for side in (tree.children_left, tree.children_right))
    return SoftTree(column, np.asarray(tree.threshold), left, right, leaf, widths)


def _possible(sizes: list[int], z: Floats) -> list[int]:
    distinct = len(np.unique(z, axis=0))
    return [size for size in sizes if size <= distinct]


_FITS: dict[str, Callable[[list[int], Sample, int], dict[int, Assigner]]] = {
    "kmeans": _kmeans,
    "gmm": _gmm,
    "ward": _ward,
    "hdbscan": _hdbscan,
    "tree": _tree,
    "ladder": _tree,
}
