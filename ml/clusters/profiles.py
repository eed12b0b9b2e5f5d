"""What clusters look like, in figures: means of every feature in original units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.wording.phrases import phrase_book
from ml.clusters.columns import JOINT
from ml.clusters.model import ClusterModel
from ml.frames import Floats, Matrix

TYPICAL = 3
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


def money_by_value(
    frame: pd.DataFrame, features: tuple[str, ...], cluster: NDArray[np.intp], size: int
) -> dict[str, Floats]:
    """Which share of the money of each cluster goes to a value that its customers carry, (size,).

    features: names such as 'top_category = FUEL'; those whose money is not known are left out. At
    least so much goes there: what is spent on it by whoever carries another value is not counted.
    """
    shares: dict[str, Floats] = {}
    for feature in features:
        column, joint, value = feature.partition(JOINT)
        form = phrase_book().values.get(column)
        if not joint or form is None or not {form.share, form.money} <= set(frame.columns):
            continue
        money = np.nan_to_num(frame[form.money].to_numpy(dtype=np.float64)).clip(min=0.0)
        share = np.nan_to_num(frame[form.share].to_numpy(dtype=np.float64))
        carries = (frame[column].astype(object) == value).to_numpy(dtype=np.bool_)
        spent = np.bincount(cluster, weights=money * share * carries, minlength=size)
        total = np.bincount(cluster, weights=money, minlength=size)
        shares[feature] = np.divide(spent, total, out=np.zeros(size), where=total > 0.0)
    return shares


def profile_clusters(model: ClusterModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.cluster_profiles over the customers of `frame`, in original units."""
    x = model.matrix(frame)
    cluster = model.assign(x)
    size = len(model.names)
    means, population, deviation = profile_matrix(x, cluster, size)
    gaps = differences(means, population, deviation)
    count = len(model.columns.names)
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
            "feature": np.tile(np.asarray(model.columns.names, dtype=object), size),
            "cluster_mean": means.ravel(),
            "population_mean": np.tile(population, size),
            "standardised_difference": gaps.ravel(),
        },
        columns=PROFILE_COLUMNS,
    )


CARD_COLUMNS = [
    "clustering",
    "cluster_id",
    "model_version",
    "cluster_name",
    "cluster_description",
    "customer_count",
    "customer_share",
    "next_91d_spend_mean_amount",
    "next_91d_spend_share",
    "typical_customer_ids",
]


def cluster_cards(model: ClusterModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.cluster_cards: size at the date of `frame`, value, typical customers.

    Value is what the customers at fitting spent in the 13 weeks since, null where not known.
    Typical are the TYPICAL customers nearest to the mean position of their cluster.
    """
    z = model.positions(model.matrix(frame))
    cluster = model.assigner.predict(z)
    size = model.assigner.size
    count = np.bincount(cluster, minlength=size)
    value = np.asarray(model.parameters["mean_value"], dtype=np.float64)
    spent = value * model.shares
    total = float(np.nansum(spent))
    return pd.DataFrame(
        {
            "clustering": model.clustering,
            "cluster_id": model.cluster_ids,
            "model_version": model_version,
            "cluster_name": model.names,
            "cluster_description": model.descriptions,
            "customer_count": count,
            "customer_share": count / max(len(cluster), 1),
            "next_91d_spend_mean_amount": value,
            "next_91d_spend_share": spent / total if total > 0.0 else np.nan,
            "typical_customer_ids": [
                ", ".join(_typical(z, cluster == number, frame["customer_id"]))
                for number in range(size)
            ],
        },
        columns=CARD_COLUMNS,
    )


def _typical(z: Floats, inside: NDArray[np.bool_], ids: pd.Series) -> list[str]:
    """The customers nearest to the mean of theirs, in deviations; ties by id."""
    rows = np.flatnonzero(inside)
    if not rows.size:
        return []
    spread = np.maximum(z.std(axis=0), 1e-9)
    apart = (((z[rows] - z[rows].mean(axis=0)) / spread) ** 2).sum(axis=1)
    names = ids.to_numpy(dtype=object)[rows].astype(str)
    return [str(names[p]) for p in np.lexsort((names, apart.round(9)))[:TYPICAL]]
