"""Clusters are useful before they are pretty, keep their names, and are fitted once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from ml.cluster_candidates import Candidate, choose_candidate, fit_mixture, holdout_r2
from ml.clustering import (
    ClusteringResult,
    assign_clusters,
    decide_clustering_promotion,
    fit_clustering,
    profile_clusters,
)
from ml.model import FeatureListError
from ml.store import load_cluster_model, save_model
from tests.ml.shop import TRAINED_AS_OF, Shop, make_shop


@pytest.fixture(scope="module")
def found(shop: Shop) -> ClusteringResult:
    """The clustering of the shared shop."""
    return fit_clustering(shop.features, shop.labels, TRAINED_AS_OF)


@pytest.fixture(scope="module")
def today(shop: Shop) -> pd.DataFrame:
    """The newest features."""
    return shop.features[shop.features["as_of_date"] == TRAINED_AS_OF].reset_index(drop=True)


def candidate(name: str, stability: float, month: float, r2: float, silhouette: float) -> Candidate:
    """A candidate with given figures."""
    mixture = fit_mixture("kmeans", 2, np.array([[0.0, 0.0], [1.0, 1.0]]), 0)
    return Candidate(name, int(name[-1]), mixture, stability, month, r2, silhouette)


def test_usefulness_among_those_that_hold_still_decides_and_not_silhouette() -> None:
    judged = [
        candidate("kmeans_3", 0.95, 0.8, 0.30, 0.9),
        candidate("kmeans_6", 0.80, 0.7, 0.50, 0.2),
        candidate("kmeans_7", 0.78, 0.7, 0.505, 0.2),
        candidate("kmeans_8", 0.30, 0.9, 0.70, 0.1),
        candidate("gmm_8", 0.90, 0.1, 0.70, 0.1),
    ]
    chosen, reason = choose_candidate(judged)
    assert chosen.name == "kmeans_6"
    assert "0.70 after a month, 50% of spending explained" in reason


def test_the_stillest_are_taken_when_nothing_holds_still_or_nothing_is_known() -> None:
    shaky = [candidate("kmeans_3", 0.2, 0.5, 0.9, 0.9), candidate("kmeans_4", 0.4, 0.5, 0.1, 0.1)]
    assert choose_candidate(shaky)[0].name == "kmeans_4"
    moving = [candidate("kmeans_3", 0.9, 0.5, 0.2, 0.9), candidate("kmeans_4", 0.9, 0.3, 0.8, 0.1)]
    assert choose_candidate(moving)[0].name == "kmeans_3"
    unknown = [candidate("gmm_3", 0.7, float("nan"), float("nan"), 0.1)]
    assert choose_candidate(unknown)[0].name == "gmm_3"


def test_a_mixture_assigns_as_its_scikit_learn_model_does() -> None:
    z = np.random.default_rng(0).normal(size=(300, 3)) * [3, 1, 1]
    kmeans = KMeans(4, n_init=3, random_state=0).fit(z)
    assert (fit_mixture("kmeans", 4, z, 0, starts=3).predict(z) == kmeans.predict(z)).all()
    oracle = GaussianMixture(3, reg_covar=1e-3, random_state=0).fit(z)
    ours = fit_mixture("gmm", 3, z, 0)
    assert (ours.predict(z) == oracle.predict(z)).all()
    density = np.logaddexp.reduce(ours.log_density(z), axis=1)
    np.testing.assert_allclose(density, oracle.score_samples(z), atol=1e-6)


def test_r2_is_one_for_perfect_groups_and_about_zero_for_random_ones() -> None:
    cluster = np.repeat([0, 1, 2], 200)
    assert holdout_r2(cluster, cluster * 10.0, 0) == pytest.approx(1.0)
    noise = np.random.default_rng(0).normal(size=600)
    assert abs(holdout_r2(cluster, noise, 0)) < 0.05
    assert np.isnan(holdout_r2(cluster, np.full(600, np.nan), 0))


def test_every_candidate_is_reported_and_one_chosen(found: ClusteringResult) -> None:
    assert found.model is not None
    rows = found.metrics[found.metrics["metric"] == "stability_ari"]
    assert rows["is_chosen"].sum() == 1
    assert {"kmeans_3", "kmeans_8", "gmm_3"} <= set(rows["candidate"])
    assert {"month_ari", "holdout_r2", "silhouette"} <= set(found.metrics["metric"])


def test_clusters_are_ordered_by_value_and_uniquely_named(
    found: ClusteringResult, shop: Shop
) -> None:
    model = found.model
    assert model is not None
    assert len(set(model.names)) == len(model.names)
    fitted = shop.features[shop.features["as_of_date"] == model.fitted_as_of]
    spend = shop.labels[shop.labels["target"] == "spend_91d"]
    joined = assign_clusters(model, fitted, "v1").merge(spend, on=["customer_id", "as_of_date"])
    means = joined.groupby("cluster_id")["label"].mean().reindex(list(model.cluster_ids))
    assert means.is_monotonic_decreasing


def test_assignment_depends_on_the_customer_alone(
    found: ClusteringResult, today: pd.DataFrame
) -> None:
    assert found.model is not None
    whole = assign_clusters(found.model, today, "v1").set_index("customer_id")
    assert whole["probability"].between(0, 1).all()
    assert len(whole) == today["recency_days"].notna().sum()
    part = today.sample(frac=0.3, random_state=0)
    some = assign_clusters(found.model, part, "v1").set_index("customer_id")
    same = whole.loc[some.index]
    assert (some["cluster_id"] == same["cluster_id"]).all()
    np.testing.assert_allclose(some["probability"], same["probability"], rtol=1e-12)


def test_a_stored_clustering_assigns_the_same(
    found: ClusteringResult, today: pd.DataFrame, tmp_path: Path
) -> None:
    assert found.model is not None
    stored = save_model(found.model, tmp_path)
    loaded = load_cluster_model(stored.path, stored.digest, found.model.features)
    pd.testing.assert_frame_equal(
        assign_clusters(loaded, today, "v1"), assign_clusters(found.model, today, "v1")
    )
    with pytest.raises(FeatureListError, match="missing: recency_days"):
        assign_clusters(loaded, today.drop(columns="recency_days"), "v1")


def test_profiles_are_means_in_original_units(found: ClusteringResult, today: pd.DataFrame) -> None:
    assert found.model is not None
    profiles = profile_clusters(found.model, today, "v1")
    assigned = assign_clusters(found.model, today, "v1").merge(today, on="customer_id")
    one = profiles[profiles["feature"] == "orders_91d_count"].set_index("cluster_id")
    means = assigned.groupby("cluster_id")["orders_91d_count"].mean()
    np.testing.assert_allclose(one.loc[means.index, "cluster_mean"], means, rtol=1e-6)
    assert one["customer_share"].sum() == pytest.approx(1.0)


def test_too_few_customers_give_no_clusters() -> None:
    tiny = make_shop(customers=20)
    result = fit_clustering(tiny.features, tiny.labels, TRAINED_AS_OF)
    assert result.status == "not_enough_data"
    assert "200 and two varying columns needed" in result.reason


def test_customers_who_are_all_alike_give_no_clusters(shop: Shop) -> None:
    alike = shop.features[["customer_id", "as_of_date"]].assign(recency_days=3.0, a_rate=0.0)
    odd = alike["customer_id"] == alike["customer_id"].iloc[0]
    alike.loc[odd, ["recency_days", "a_rate"]] = [5.0, 1.0]
    result = fit_clustering(alike, shop.labels, TRAINED_AS_OF)
    assert result.status == "not_enough_data"
    assert "too alike" in result.reason


def test_one_date_alone_is_clustered_on_stability(shop: Shop, today: pd.DataFrame) -> None:
    result = fit_clustering(today, shop.labels, TRAINED_AS_OF)
    assert result.model is not None
    assert result.model.fitted_as_of == TRAINED_AS_OF
    assert "month_ari" not in set(result.metrics["metric"])


def test_clusters_that_people_know_stay_unless_new_ones_are_clearly_better(
    found: ClusteringResult, shop: Shop
) -> None:
    frames = (shop.features, shop.labels)
    model = found.model
    assert model is not None
    assert decide_clustering_promotion(found, None, *frames).is_promoted
    kept = decide_clustering_promotion(found, model, *frames)
    assert not kept.is_promoted
    assert "not clearly better, so those in force stay" in kept.reason
    wider = shop.features.assign(new_rate=1.0)
    forced = decide_clustering_promotion(found, model, wider, shop.labels)
    assert forced.is_promoted
    assert "another feature list" in forced.reason


@pytest.mark.parametrize(
    ("more", "steadier", "is_promoted"),
    [(0.2, 0.0, True), (0.0, 0.2, True), (0.2, -0.2, False), (-0.2, 0.2, False)],
)
def test_clearly_better_in_one_thing_and_clearly_worse_in_none(
    found: ClusteringResult, shop: Shop, more: float, steadier: float, is_promoted: bool
) -> None:
    model = found.model
    assert model is not None
    figures = model.parameters
    changed = {
        **figures,
        "holdout_r2": figures["holdout_r2"] + more,
        "month_ari": figures["month_ari"] + steadier,
    }
    better = replace(found, model=replace(model, parameters=changed))
    decided = decide_clustering_promotion(better, model, shop.features, shop.labels)
    assert decided.is_promoted is is_promoted
