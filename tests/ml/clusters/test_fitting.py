"""Clusters are useful before they are pretty, and are fitted once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data_contracts.definitions.lens import Lens, LensSpace
from ml.clusters.fitting import ClusteringResult, fit_clustering
from ml.clusters.model import assign_clusters
from ml.clusters.profiles import cluster_cards, profile_clusters
from ml.clusters.promotion import decide_clustering_promotion
from ml.targets.model import FeatureListError
from segmentry.artefacts import load_cluster_model, save_model
from tests.ml.clusters.lens import HABITS, SPENDING, make_lens
from tests.ml.shop import TRAINED_AS_OF, Shop, make_shop

LENS = make_lens()


@pytest.fixture(scope="module")
def found(shop: Shop) -> ClusteringResult:
    """The clustering of the shared shop."""
    return fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, LENS)


@pytest.fixture(scope="module")
def today(shop: Shop) -> pd.DataFrame:
    """The newest features."""
    return shop.features[shop.features["as_of_date"] == TRAINED_AS_OF].reset_index(drop=True)


def test_every_candidate_is_reported_and_one_chosen(found: ClusteringResult) -> None:
    assert found.model is not None
    rows = found.metrics[found.metrics["metric"] == "worth"]
    assert rows["is_chosen"].sum() == 1
    assert {"habits: kmeans_3", "habits: kmeans_6", "habits: gmm_3"} <= set(rows["candidate"])
    measured = {"stability_ari", "month_ari", "holdout_r2", "silhouette", "smallest_share"}
    assert measured <= set(found.metrics["metric"])


def test_clusters_are_ordered_by_value_and_uniquely_named(
    found: ClusteringResult, shop: Shop
) -> None:
    model = found.model
    assert model is not None
    assert len(set(model.names)) == len(model.names)
    fitted = shop.features[shop.features["as_of_date"] == model.fitted_as_of]
    fitted = fitted[fitted["recency_days"].notna()]
    spend = shop.labels[shop.labels["target"] == "spend_91d"]
    joined = assign_clusters(model, fitted, "v1").merge(spend, on=["customer_id", "as_of_date"])
    means = joined.groupby("cluster_id")["label"].mean().reindex(list(model.cluster_ids))
    assert means.is_monotonic_decreasing


@pytest.mark.parametrize("method", ["kmeans", "gmm", "ward", "hdbscan", "tree", "ladder"])
def test_every_method_assigns_each_customer_by_themselves_and_is_stored_as_it_is(
    method: str, shop: Shop, today: pd.DataFrame, tmp_path: Path
) -> None:
    columns = SPENDING if method == "ladder" else HABITS
    lens = make_lens((method,), columns, least=2)
    model = fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, lens).model
    assert model is not None
    whole = assign_clusters(model, today, "v1").set_index("customer_id")
    part = today.sample(frac=0.3, random_state=0)
    some = assign_clusters(model, part, "v1").set_index("customer_id")
    same = whole.loc[some.index]
    assert (some["cluster_id"] == same["cluster_id"]).all()
    np.testing.assert_allclose(
        some["probability"].astype(float), same["probability"].astype(float), rtol=1e-9
    )
    assert whole["probability"].between(0, 1).all()
    stored = save_model(model, tmp_path)
    loaded = load_cluster_model(stored.path, stored.digest)
    pd.testing.assert_frame_equal(
        assign_clusters(loaded, today, "v1"), assign_clusters(model, today, "v1")
    )


def test_a_clustering_refuses_a_mart_without_its_columns(
    found: ClusteringResult, today: pd.DataFrame
) -> None:
    assert found.model is not None
    with pytest.raises(FeatureListError, match=r"clustering behaviour .*missing: recency_days"):
        assign_clusters(found.model, today.drop(columns="recency_days"), "v1")


def test_who_is_new_or_has_not_ordered_is_placed_provisionally(
    found: ClusteringResult, today: pd.DataFrame
) -> None:
    assert found.model is not None
    known = today[today["recency_days"].notna()].head(3).assign(tenure_days=[5.0, 27.0, 28.0])
    stranger = today.head(1).assign(
        customer_id="stranger", recency_days=np.nan, tenure_days=np.nan, spend_91d_amount=np.nan
    )
    rows = assign_clusters(found.model, pd.concat([known, stranger]), "v1")
    assert rows["is_provisional"].tolist() == [True, True, False, True]
    newest = found.model.cluster_ids[int(found.model.newcomers.argmax())]
    assert rows["cluster_id"].iloc[3] == newest
    assert not rows["is_noise"].iloc[3]


def test_profiles_are_means_in_original_units(found: ClusteringResult, today: pd.DataFrame) -> None:
    assert found.model is not None
    profiles = profile_clusters(found.model, today, "v1")
    assigned = found.model.assign(found.model.matrix(today))
    one = profiles[profiles["feature"] == "orders_91d_count"]
    means = today.groupby(assigned)["orders_91d_count"].mean()
    np.testing.assert_allclose(one["cluster_mean"].iloc[means.index], means, rtol=1e-6)
    assert one["customer_share"].sum() == pytest.approx(1.0)


def test_cards_count_customers_and_name_those_in_the_middle(
    found: ClusteringResult, today: pd.DataFrame
) -> None:
    assert found.model is not None
    cards = cluster_cards(found.model, today, "v1")
    assert cards["customer_count"].sum() == len(today)
    assert cards["next_91d_spend_share"].sum() == pytest.approx(1.0)
    assigned = assign_clusters(found.model, today, "v1").set_index("customer_id")["cluster_id"]
    for card in cards.itertuples():
        for customer in card.typical_customer_ids.split(", "):
            if found.model.newcomers.argmax() != card.Index:
                assert assigned[customer] == card.cluster_id


def test_words_become_one_column_per_leading_value(shop: Shop) -> None:
    random = np.random.default_rng(0)
    regions = random.choice(["north", "south", "rare"], len(shop.features), p=[0.5, 0.49, 0.01])
    ids = dict(zip(shop.features["customer_id"], regions, strict=True))
    placed = shop.features.assign(region=shop.features["customer_id"].map(ids))
    lens = make_lens(("kmeans",), ("region",), name="place", least=2, most=2)
    model = fit_clustering(placed, shop.labels, TRAINED_AS_OF, lens).model
    assert model is not None
    assert sorted(model.columns.names) == ["region = north", "region = south"]
    today = placed[placed["as_of_date"] == TRAINED_AS_OF]
    cluster = model.assign(model.matrix(today))
    common = today["region"] != "rare"
    assert pd.crosstab(today["region"][common], cluster[common]).gt(0).sum().sum() == 2


def test_too_few_customers_give_no_clusters() -> None:
    tiny = make_shop(customers=20)
    result = fit_clustering(tiny.features, tiny.labels, TRAINED_AS_OF, LENS)
    assert result.status == "not_enough_data"
    assert "200 customers and two columns are needed" in result.reason


def test_fewer_customers_than_clusters_are_refused(shop: Shop) -> None:
    few = shop.features["customer_id"].isin(shop.features["customer_id"].unique()[:5])
    lens = replace(LENS, least=8, most=8)
    result = fit_clustering(
        shop.features[few], shop.labels, TRAINED_AS_OF, lens, minimum_customers=2
    )
    assert result.status == "not_enough_data"
    assert "not enough data" in result.reason
    assert "8 customers and two columns are needed" in result.reason


def test_constant_columns_give_no_clusters(shop: Shop) -> None:
    lens = make_lens(named=("constant_count", "unknown_rate"))
    result = fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, lens)
    assert result.status == "not_enough_data"
    assert "0 columns of this lens that tell them apart" in result.reason


def test_customers_who_are_all_alike_give_no_clusters(shop: Shop) -> None:
    alike = shop.features[["customer_id", "as_of_date"]].assign(recency_days=3.0, a_rate=0.0)
    odd = alike["customer_id"] == alike["customer_id"].iloc[0]
    alike.loc[odd, ["recency_days", "a_rate"]] = [5.0, 1.0]
    lens = make_lens(named=("recency_days", "a_rate"))
    result = fit_clustering(alike, shop.labels, TRAINED_AS_OF, lens)
    assert result.status == "not_enough_data"
    assert "too alike" in result.reason


def test_columns_unknown_for_many_are_told_of_and_still_used(shop: Shop) -> None:
    random = np.random.default_rng(0)
    gaps = shop.features.assign(
        orders_91d_count=shop.features["orders_91d_count"].where(
            random.random(len(shop.features)) > 0.35
        )
    )
    result = fit_clustering(gaps, shop.labels, TRAINED_AS_OF, LENS)
    assert result.status == "ok"
    assert "1 columns are unknown for 30% of customers or more" in result.reason
    assert "orders_91d_count" in result.reason


def test_one_date_alone_is_clustered_on_stability(shop: Shop, today: pd.DataFrame) -> None:
    result = fit_clustering(today, shop.labels, TRAINED_AS_OF, LENS)
    assert result.model is not None
    assert result.model.fitted_as_of == TRAINED_AS_OF
    assert "month_ari" not in set(result.metrics["metric"])


def test_a_column_that_the_mart_does_not_have_is_left_out(shop: Shop) -> None:
    space = LensSpace("habits", (), (*HABITS, "visits_91d_count"), ("kmeans",))
    lens = Lens("behaviour", "Who is alike?", (space,), 3, 3, 0.01)
    model = fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, lens).model
    assert model is not None
    assert "visits_91d_count" not in model.features


def test_clusters_that_people_know_stay_unless_new_ones_are_clearly_better(
    found: ClusteringResult, shop: Shop
) -> None:
    frames = (shop.features, shop.labels, LENS)
    model = found.model
    assert model is not None
    assert decide_clustering_promotion(found, None, *frames).is_promoted
    kept = decide_clustering_promotion(found, model, *frames)
    assert not kept.is_promoted
    assert kept.reason.startswith("the new clusters explain ")
    assert kept.reason.endswith("so the champion stays")
    other = make_lens(named=HABITS[1:])
    forced = decide_clustering_promotion(found, model, shop.features, shop.labels, other)
    assert forced.is_promoted
    assert "know columns that the lens has no more" in forced.reason


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
    decided = decide_clustering_promotion(better, model, shop.features, shop.labels, LENS)
    assert decided.is_promoted is is_promoted
