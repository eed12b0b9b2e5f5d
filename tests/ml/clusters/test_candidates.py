"""What a candidate is worth, and what its methods do."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import lsq_linear
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture
from sklearn.tree import DecisionTreeRegressor

from ml.clusters.assigners import Neighbours
from ml.clusters.candidates import Candidate, choose_candidate, halves, holdout_r2, shortlist
from ml.clusters.expected_spend import ExpectedSpend
from ml.clusters.methods import Sample, fit_method
from tests.ml.clusters.lens import make_lens

LENS = make_lens(least=3, most=8)
POINTS = Neighbours(np.zeros((2, 1)), np.array([0, 1]), 2)


def candidate(
    name: str,
    stability: float,
    month: float,
    r2: float,
    silhouette: float,
    smallest: float = 0.1,
    noise: float = 0.0,
) -> Candidate:
    """A candidate with given figures."""
    size = int(name[-1])
    shares = np.array([smallest] + [(1.0 - smallest) / (size - 1)] * (size - 1))
    figures = (stability, month, r2, silhouette)
    return Candidate(name, "habits", "kmeans", size, POINTS, shares, noise, *figures)


def sample(z: np.ndarray, value: np.ndarray | None = None) -> Sample:
    """Positions whose columns change by one in a month."""
    known = np.full(len(z), np.nan) if value is None else value
    return Sample(z, known, np.ones(z.shape[1]))


def chosen(judged: list[Candidate]) -> str:
    """The name of the one that is kept."""
    return choose_candidate(shortlist(judged, LENS))[0].name


def test_what_is_explained_and_holds_still_decides_and_not_silhouette() -> None:
    judged = [
        candidate("kmeans_3", 0.95, 0.8, 0.30, 0.9),
        candidate("kmeans_6", 0.80, 0.8, 0.50, 0.2),
        candidate("kmeans_7", 0.30, 0.9, 0.70, 0.1),
        candidate("gmm_8", 0.90, 0.1, 0.70, 0.1),
    ]
    best, reason = choose_candidate(shortlist(judged, LENS))
    assert best.name == "kmeans_6"
    assert "0.80 after a month, 50% of spending explained" in reason


def test_half_the_movement_is_worth_a_fifth_of_the_spending_explained() -> None:
    moving = candidate("kmeans_4", 0.9, 0.8, 0.50, 0.5)
    still = candidate("kmeans_5", 0.9, 0.9, 0.41, 0.5)
    assert chosen([moving, still]) == "kmeans_5"
    told = candidate("kmeans_5", 0.9, 0.9, 0.39, 0.5)
    assert chosen([moving, told]) == "kmeans_4"


def test_clusters_that_are_too_small_or_mostly_noise_are_not_kept() -> None:
    good = candidate("kmeans_3", 0.9, 0.8, 0.2, 0.5)
    tiny = candidate("kmeans_5", 0.9, 0.8, 0.9, 0.5, smallest=0.001)
    vague = candidate("kmeans_6", 0.9, 0.8, 0.9, 0.5, noise=0.5)
    assert chosen([good, tiny, vague]) == "kmeans_3"
    assert chosen([tiny]) == "kmeans_5"


def test_the_stillest_are_taken_when_nothing_holds_still_or_nothing_is_known() -> None:
    shaky = [candidate("kmeans_3", 0.2, 0.7, 0.9, 0.9), candidate("kmeans_4", 0.4, 0.7, 0.1, 0.1)]
    assert chosen(shaky) == "kmeans_4"
    moving = [candidate("kmeans_3", 0.9, 0.5, 0.2, 0.9), candidate("kmeans_4", 0.9, 0.3, 0.8, 0.1)]
    assert chosen(moving) == "kmeans_3"
    unknown = [candidate("gmm_3", 0.8, float("nan"), float("nan"), 0.1)]
    assert chosen(unknown) == "gmm_3"


def test_mixtures_assign_as_their_scikit_learn_models_do() -> None:
    z = np.random.default_rng(0).normal(size=(300, 3)) * [3, 1, 1]
    kmeans = KMeans(4, n_init=4, random_state=0).fit(z)
    ours = fit_method("kmeans", [4], sample(z), 0)[4]
    assert (ours.predict(z) == kmeans.predict(z)).all()
    oracle = GaussianMixture(3, reg_covar=1e-3, max_iter=50, tol=1e-2, random_state=0).fit(z)
    mixture = fit_method("gmm", [3], sample(z), 0)[3]
    assert (mixture.predict(z) == oracle.predict(z)).all()
    np.testing.assert_allclose(mixture.probabilities(z), oracle.predict_proba(z), atol=1e-6)
    assert mixture.is_noise(z).mean() == pytest.approx(0.01, abs=0.005)


def test_groups_of_any_shape_are_found_by_linkage_and_density_and_noise_is_told() -> None:
    random = np.random.default_rng(0)
    blobs = [random.normal(centre, 0.2, (150, 2)) for centre in (0.0, 3.0, 6.0)]
    z = np.concatenate(blobs)
    truth = np.repeat([0, 1, 2], 150)
    for method, key in (("ward", 3), ("hdbscan", 10)):
        found = fit_method(method, [3], sample(z), 0)[key]
        names = {tuple(np.unique(found.predict(z)[truth == group])) for group in range(3)}
        assert names == {(0,), (1,), (2,)}
        np.testing.assert_allclose(found.probabilities(z).sum(axis=1), 1.0)
    lonely = np.concatenate([z, random.uniform(-20, 20, (40, 2))])
    dense = fit_method("hdbscan", [3], sample(lonely), 0)[10]
    assert dense.is_noise(lonely)[450:].mean() > 0.7
    assert dense.is_noise(z).mean() < 0.1
    assert set(dense.predict(lonely)) <= {0, 1, 2}


def test_a_tree_lays_its_leaves_as_scikit_learn_and_is_unsure_near_a_split() -> None:
    random = np.random.default_rng(0)
    z = random.random((400, 2)) * 10
    value = np.where(z[:, 0] > 5, 100.0, 1.0) + z[:, 1]
    tree = fit_method("tree", [2, 3], sample(z, value), 0)
    oracle = DecisionTreeRegressor(max_leaf_nodes=3, min_samples_leaf=20, random_state=0)
    leaf = oracle.fit(z, value).apply(z)
    ours = tree[3].predict(z)
    assert len(set(zip(leaf, ours, strict=True))) == 3
    split = float(oracle.tree_.threshold[0])
    shares = tree[2].probabilities(np.array([[split, 0.0], [split + 3.0, 0.0], [0.0, 0.0]]))
    assert shares[0] == pytest.approx([0.5, 0.5])
    assert shares[1].max() > 0.99
    np.testing.assert_allclose(tree[3].probabilities(z).sum(axis=1), 1.0)


def test_weights_of_amounts_solve_the_stacked_least_squares() -> None:
    random = np.random.default_rng(0)
    x = random.gamma(1.0, 10.0, (500, 3)).astype(np.float32)
    after = x + random.normal(0, 5, x.shape).astype(np.float32)
    value = 2.0 * x[:, 0] + 0.5 * x[:, 1] + random.normal(0, 1, 500)
    made = ExpectedSpend.fit((0, 1, 2), x, value, x, after, calm=3.0)
    capped, later = (np.minimum(np.maximum(part, 0.0), made.caps) for part in (x, after))
    stacked = np.concatenate([capped, np.sqrt(3.0) * (later - capped)])
    oracle = lsq_linear(stacked, np.concatenate([value, np.zeros(500)]), (0.0, np.inf))
    np.testing.assert_allclose(made.weights, oracle.x, atol=1e-4)
    free = ExpectedSpend.fit((0, 1, 2), x, value, x, after, calm=0.0)
    moved = [np.abs(axes.transform(after) - axes.transform(x)).mean() for axes in (made, free)]
    assert moved[0] < moved[1]


def test_r2_is_one_for_perfect_groups_and_about_zero_for_random_ones() -> None:
    cluster = np.repeat([0, 1, 2], 200)
    half = halves(600, 0)[0]
    assert holdout_r2(cluster, cluster * 10.0, half) == pytest.approx(1.0)
    noise = np.random.default_rng(0).normal(size=600)
    assert abs(holdout_r2(cluster, noise, half)) < 0.05
    assert np.isnan(holdout_r2(cluster, np.full(600, np.nan), half))
