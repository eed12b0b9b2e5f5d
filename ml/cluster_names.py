"""What clusters look like, in figures and in plain words."""

from __future__ import annotations

import re

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
TIERS = (
    "Top",
    "Very high",
    "High",
    "Upper middle",
    "Middle",
    "Lower middle",
    "Low",
    "Lowest",
)
# A trait is worth a word when it is this many standard deviations from the population.
DISTINCT = 0.3
PHRASES: dict[str, tuple[str, str]] = {
    "recency_days": ("long since the last order", "an order not long ago"),
    "tenure_days": ("customers for long", "customers for a short time"),
    "recency_over_gap_ratio": ("late by their own rhythm", "on time by their own rhythm"),
    "orders_28d_to_prior_28d_ratio": ("ordering more than before", "ordering less than before"),
    "spend_28d_to_prior_28d_ratio": ("spending more than before", "spending less than before"),
    "spend_91d_to_prior_91d_ratio": ("spending more than before", "spending less than before"),
    "order_gap_deviation_days": ("irregular gaps between orders", "regular gaps between orders"),
    "order_gap_mean_days": ("long gaps between orders", "short gaps between orders"),
    "active_weeks_13w_count": ("active in most weeks", "active in few weeks"),
    "weekly_spend_variation": ("irregular weeks", "steady weeks"),
}
# Places in a ranking repeat what the ranked figure says already.
_RANKED = re.compile(r"_(quintile|decile|percentile|rank)$")
_WINDOW = re.compile(r"_(\d+)([dw])(?=_|$)")
_SUFFIX = re.compile(r"_(count|amount|rate|ratio|share|days|index)$")
_MONEY = re.compile(r"spend|amount|revenue|monetary|value")


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
    cluster = model.mixture.predict(model.space.transform(x))
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


def plain_words(feature: str, high: bool) -> str:
    """What a high or low value of a feature is called, from its name alone."""
    if feature in PHRASES:
        return PHRASES[feature][0 if high else 1]
    window = _WINDOW.search(feature)
    stem = _WINDOW.sub("", feature)
    suffix = _SUFFIX.search(stem)
    noun = _SUFFIX.sub("", stem).replace("_", " ")
    if suffix is not None and suffix.group(1) == "count":
        degree = "many" if high else "few"
        noun = noun if noun.endswith("s") else f"{noun}s"
    elif suffix is not None and suffix.group(1) == "days":
        degree = "long" if high else "short"
    else:
        degree = "high" if high else "low"
    unit = {"d": "days", "w": "weeks"}
    within = f" in {window.group(1)} {unit[window.group(2)]}" if window else ""
    return f"{degree} {noun}{within}"


def _family(feature: str) -> str:
    return _SUFFIX.sub("", _WINDOW.sub("", feature))


def name_clusters(
    features: tuple[str, ...], gaps: Floats, value: Floats, share: Floats
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Unique names and descriptions, the same for the same figures.

    gaps: (k, features) standardised differences, clusters in order of value; value: (k,) mean
    spending in the next 13 weeks; share: (k,) of customers. The name is the tier of spending and
    the trait by which the cluster differs most from the others of the same clustering.
    """
    size = len(gaps)
    tiers = [TIERS[round(number * (len(TIERS) - 1) / max(size - 1, 1))] for number in range(size)]
    names: list[str] = []
    descriptions = []
    for number in range(size):
        traits = _traits(features, gaps, number)
        trait = traits[0] if traits else "close to the average"
        name = f"{tiers[number]} spenders: {trait}"
        for other in traits[1:]:
            if name not in names:
                break
            name = f"{tiers[number]} spenders: {other}"
        names.append(name if name not in names else f"{name} ({number + 1})")
        told = ", ".join(traits[:3]) if traits else "close to the average in everything"
        spending = "" if np.isnan(value[number]) else f"; {value[number]:,.0f} spent in 91 days"
        descriptions.append(f"{share[number]:.0%} of customers: {told}{spending}.")
    return tuple(names), tuple(descriptions)


def _traits(features: tuple[str, ...], gaps: Floats, number: int) -> list[str]:
    """Phrases of the features that set a cluster apart, one per family, spending left out."""
    mine = gaps[number]
    others = np.delete(gaps, number, axis=0)
    # Apart from the population, and from the nearest other cluster: what tells it from its twin.
    nearest = np.abs(others - mine).min(axis=0) if len(others) else np.abs(mine)
    order = np.argsort(-(np.abs(mine) + nearest), kind="stable")
    phrases: list[str] = []
    families: set[str] = set()
    for position in order:
        feature = features[position]
        untold = _MONEY.search(feature) or _RANKED.search(feature)
        if abs(mine[position]) < DISTINCT or untold or _family(feature) in families:
            continue
        families.add(_family(feature))
        phrases.append(plain_words(feature, bool(mine[position] > 0)))
    return phrases
