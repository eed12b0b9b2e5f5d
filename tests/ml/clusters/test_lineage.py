"""Clusters keep their ids: matched by customers, checked against every possible matching."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.clusters.fitting import fit_clustering
from ml.clusters.lineage import first_ids, lineage_rows, match_clusters
from ml.clusters.promotion import decide_clustering_promotion
from tests.ml.clusters.lens import SPENDING, make_lens
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, make_shop


def events(old: list[int], new: list[int], old_ids: list[str], last: int) -> dict[str, tuple]:
    """cluster -> (event, related)."""
    size = max(new) + 1
    found = match_clusters(np.array(old), np.array(new), old_ids, size, last)
    return {name: (event, related) for name, event, related, _, _ in found.events}


def test_a_cluster_lives_on_under_its_id_whatever_its_place() -> None:
    old = [0] * 6 + [1] * 4
    new = [1] * 6 + [0] * 4
    assert match_clusters(np.array(old), np.array(new), ["c1", "c2"], 2, 2).new_ids == ("c2", "c1")
    assert events(old, new, ["c1", "c2"], 2) == {"c1": ("lived", "c1"), "c2": ("lived", "c2")}


def test_of_a_split_the_larger_part_keeps_the_id_and_the_other_gets_a_fresh_one() -> None:
    old = [0] * 10 + [1] * 5
    new = [0] * 6 + [1] * 4 + [2] * 5
    assert events(old, new, ["c1", "c7"], 9) == {
        "c1": ("lived", "c1"),
        "c10": ("split", "c1"),
        "c7": ("lived", "c7"),
    }


def test_of_a_merger_the_larger_lives_on_and_the_other_is_recorded_as_merged() -> None:
    old = [0] * 6 + [1] * 4
    assert events(old, [0] * 10, ["c1", "c2"], 2) == {
        "c1": ("lived", "c1"),
        "c2": ("merged", "c1"),
    }


def test_a_cluster_that_scatters_dies_and_one_from_everywhere_is_born() -> None:
    old = [0] * 10 + [1] * 10 + [2] * 10 + [3] * 6
    new = [0] * 8 + [3] * 2 + [1] * 8 + [3] * 2 + [2] * 8 + [3] * 2 + [0] * 2 + [1] * 2 + [2] * 2
    told = events(old, new, ["c1", "c2", "c3", "c4"], 4)
    assert told["c4"] == ("died", None)
    assert told["c5"] == ("born", None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_no_other_matching_keeps_more_customers(pairs: list[tuple[int, int]]) -> None:
    old, new = (np.array(side) for side in zip(*pairs, strict=True))
    ids = ["c1", "c2", "c3", "c4"]
    found = match_clusters(old, new, ids, 4, 4)
    assert len(set(found.new_ids)) == 4
    assert found.last_id == 4 + sum(name not in ids for name in found.new_ids)
    told = [name for name, *_ in found.events]
    assert set(told) == set(ids) | set(found.new_ids)
    counts = np.zeros((4, 4))
    np.add.at(counts, (old, new), 1)
    best = max(sum(counts[o, n] for o, n in enumerate(order)) for order in permutations(range(4)))
    kept = sum(counts[ids.index(name), n] for n, name in enumerate(found.new_ids) if name in ids)
    # Pairs of which less than half of both is in common are no matches.
    assert kept <= best
    shares = np.maximum(
        counts / np.maximum(counts.sum(axis=1, keepdims=True), 1),
        counts / np.maximum(counts.sum(axis=0, keepdims=True), 1),
    )
    if (shares[counts > 0] >= 0.5).all():
        assert kept == best


def test_first_clusters_are_born_and_rows_name_the_versions() -> None:
    rows = lineage_rows(first_ids(2), "value", HISTORY_START, "v1", None)
    assert rows["lineage_event"].tolist() == ["born", "born"]
    assert rows["cluster_id"].tolist() == ["c1", "c2"]
    assert rows["previous_version"].isna().all()


@pytest.mark.parametrize("method", ["kmeans", "ladder"])
def test_nine_in_ten_whose_behaviour_did_not_change_keep_their_cluster(method: str) -> None:
    shop = make_shop(customers=800, days=392)
    lens = make_lens((method,), SPENDING, most=5)
    month = TRAINED_AS_OF + timedelta(days=28)
    old = fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, lens, seed=0).model
    refit = fit_clustering(shop.features, shop.labels, month, lens, seed=1)
    assert old is not None
    assert refit.model is not None
    promotion = decide_clustering_promotion(refit, old, shop.features, shop.labels, lens)
    then, now = (
        shop.features[shop.features["as_of_date"] == day].set_index("customer_id")
        for day in (TRAINED_AS_OF, month)
    )
    both = now.index[now["recency_days"].notna() & then["recency_days"].notna()]
    before, after = (old.assign(old.matrix(frame.loc[both])) for frame in (then, now))
    new = refit.model.assign(refit.model.matrix(now.loc[both]))
    matched = match_clusters(after, new, old.cluster_ids, refit.model.assigner.size, old.last_id)
    today = new if promotion.is_promoted else after
    ids = matched.new_ids if promotion.is_promoted else old.cluster_ids
    kept = np.asarray(old.cluster_ids)[before] == np.asarray(ids)[today]
    unchanged = before == after
    assert unchanged.mean() > 0.5
    assert kept[unchanged].mean() >= 0.9
