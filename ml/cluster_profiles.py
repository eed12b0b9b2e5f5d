"""What clusters look like, in figures: means of every feature in original units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.cluster_model import ClusterModel
from ml.frames import Floats, Matrix

PROFILE_COLUMNS = [
    "clustering",
    "cluster_id",
    "model_version",
    "cluster_name",
    "cluster_description",
    "customer_share",
    "feature",
    "cluster_mean",
    "population_mean",
    "standardised_difference",
]


def profile_matrix(
    x: Matrix, cluster: NDArray[np.intp], size: int
) -> tuple[Floats, Floats, Floats]:
    """Means per cluster (k, features), population means and deviations (features,); nan if unknown.

    Null values are left out of the means.
    """
    values = x.astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        known = ~np.isnan(values)
        filled = np.where(known, values, 0.0)
        population = filled.sum(axis=0) / known.sum(axis=0)
        deviation = np.sqrt(
            (np.where(known, values - population, 0.0) ** 2).sum(axis=0) / known.sum(axis=0)
        )
        means = np.stack(
            [
                filled[cluster == number].sum(axis=0) / known[cluster == number].sum(axis=0)
                for number in range(size)
            ]
        )
    return means, population, deviation


def differences(means: Floats, population: Floats, deviation: Floats) -> Floats:
    """(cluster mean - population mean) / population deviation; 0 where nothing varies."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num((means - population) / deviation, nan=0.0, posinf=0.0, neginf=0.0)


def profile_clusters(model: ClusterModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.cluster_profiles over the customers of `frame`, in original units."""
    x = model.matrix(frame)
    x = x[model.active(x)]
    cluster = model.assign(x)
    size = len(model.names)
    means, population, deviation = profile_matrix(x, cluster, size)
    gaps = differences(means, population, deviation)
    count = len(model.features)
    ids = np.repeat(np.arange(size), count)
    shares = np.bincount(cluster, minlength=size) / max(len(cluster), 1)
    return pd.DataFrame(
        {
            "clustering": model.clustering,
            "cluster_id": np.asarray(model.cluster_ids, dtype=object)[ids],
            "model_version": model_version,
            "cluster_name": np.asarray(model.names, dtype=object)[ids],
            "cluster_description": np.asarray(model.descriptions, dtype=object)[ids],
            "customer_share": shares[ids],
            "feature": np.tile(np.asarray(model.features, dtype=object), size),
            "cluster_mean": means.ravel(),
            "population_mean": np.tile(population, size),
            "standardised_difference": gaps.ravel(),
        },
        columns=PROFILE_COLUMNS,
    )
