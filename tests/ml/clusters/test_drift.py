"""Clusters that grew or moved are told of; those that did not are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.clusters.drift import cluster_readings
from ml.clusters.fitting import fit_clustering
from ml.clusters.model import ClusterModel
from tests.ml.clusters.lens import make_lens
from tests.ml.shop import TRAINED_AS_OF, Shop


@pytest.fixture(scope="module")
def model(shop: Shop) -> ClusterModel:
    """Three clusters of the shared shop."""
    lens = make_lens(("kmeans",), least=3, most=3)
    found = fit_clustering(shop.features, shop.labels, TRAINED_AS_OF, lens).model
    assert found is not None
    return found


@pytest.fixture(scope="module")
def fitted(model: ClusterModel, shop: Shop) -> pd.DataFrame:
    """The customers that it was fitted on."""
    frame = shop.features[shop.features["as_of_date"] == model.fitted_as_of]
    return frame[frame["recency_days"].notna()].reset_index(drop=True)


def test_the_customers_of_the_fit_have_not_moved(model: ClusterModel, fitted: pd.DataFrame) -> None:
    readings = cluster_readings(model, fitted)
    assert {reading.drift_name for reading in readings} == set(model.cluster_ids)
    assert max(abs(reading.value) for reading in readings) == pytest.approx(0.0, abs=1e-9)
    assert "drifted" not in {reading.verdict for reading in readings}


def test_a_cluster_whose_odds_are_four_times_as_high_has_drifted(
    model: ClusterModel, fitted: pd.DataFrame
) -> None:
    cluster = model.assign(model.matrix(fitted))
    many = fitted.loc[np.concatenate([np.arange(len(fitted)), *[np.flatnonzero(cluster == 0)] * 3])]
    grown = next(r for r in cluster_readings(model, many) if r.metric == "log_odds_change")
    share = (cluster == 0).mean()
    now = 4 * share / (4 * share + 1 - share)
    expected = np.log(now / (1 - now)) - np.log(share / (1 - share))
    assert grown.value == pytest.approx(expected) == pytest.approx(np.log(4.0))
    assert grown.verdict == "drifted"
    centre = next(r for r in cluster_readings(model, many) if r.metric == "centre_shift")
    assert centre.value == pytest.approx(0.0, abs=1e-9)
