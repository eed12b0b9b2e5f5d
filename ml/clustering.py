"""Fit a clustering as of a date: candidates, choice, order by value, names."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.metrics import adjusted_rand_score

from ml.backtest import METRIC_COLUMNS
from ml.cluster_candidates import (
    Candidate,
    Space,
    choose_candidate,
    holdout_r2,
    judge_candidates,
)
from ml.cluster_model import NOISE_SHARE, ClusterModel, assign_clusters
from ml.cluster_names import Figures, describe_clusters, name_clusters
from ml.cluster_profiles import profile_clusters, profile_matrix
from ml.cluster_space import BehaviourSpace, habit_columns
from ml.frames import FeatureTable, Floats, Matrix, to_days, varying_columns, with_history
from ml.habit_words import ALSO_TOLD
from ml.origins import MONTH_DAYS, clustering_dates
from ml.training import Promotion

__all__ = [
    "ClusterModel",
    "ClusteringResult",
    "assign_clusters",
    "decide_clustering_promotion",
    "fit_clustering",
    "profile_clusters",
]

MINIMUM_CUSTOMERS = 200
# New clusters move everybody; they must say this much more of the spending (R2) than those that
# people know, or say no less and hold still this much better over a month (ARI).
WORTH_MOVING = 0.05
STEADIER = 0.1


@dataclass(frozen=True)
class ClusteringResult:
    """status: 'ok' or 'not_enough_data'; model: None in the latter case; reason: why, in words.

    metrics: rows of models.model_metrics for every candidate.
    """

    clustering: str
    status: str
    reason: str
    model: ClusterModel | None
    metrics: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=METRIC_COLUMNS))


def fit_clustering(
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
    trained_as_of: date,
    clustering: str = "behaviour",
    value_target: str = "spend_91d",
    activity_feature: str | None = "recency_days",
    minimum_customers: int = MINIMUM_CUSTOMERS,
    seed: int = 0,
) -> ClusteringResult:
    """Fit, judge and choose a clustering with what is known at trained_as_of.

    It is fitted 13 weeks earlier, so that what its clusters spent since is known, and a month later
    is there to see who stays; the very model that was judged is the one in force. Without these
    dates in `features` it is fitted at trained_as_of on stability alone.
    """
    table = features if isinstance(features, FeatureTable) else FeatureTable.from_frame(features)
    fitted_as_of, month_later = clustering_dates(trained_as_of)
    if not table.at(fitted_as_of).size:
        fitted_as_of, month_later = trained_as_of, trained_as_of + timedelta(days=MONTH_DAYS)
    now = _active(table, fitted_as_of, activity_feature)
    x = table.x[now]
    if len(now) < minimum_customers or varying_columns(x).size < 2:
        counted = f"{len(now)} customers, {minimum_customers} and two varying columns needed"
        return _refused(clustering, f"too little data to cluster at {fitted_as_of}: {counted}")
    later_from, later = _later(table, now, month_later, activity_feature, trained_as_of)
    value = _value(table, labels, now, fitted_as_of, value_target)
    columns = habit_columns(table.features, x, x[later_from], later)
    behaviour = BehaviourSpace(tuple(columns.tolist())).fit(x, value, x[later_from], later)
    space = Space(behaviour.transform(x), later_from, behaviour.transform(later), value)
    judged = judge_candidates(space, seed)
    if not judged:
        return _refused(clustering, f"customers at {fitted_as_of} are too alike to be clustered")
    chosen, reason = choose_candidate(judged)
    metrics = _metric_rows(clustering, trained_as_of, fitted_as_of, judged, chosen, len(now))
    facts = _shape(chosen, space, x, table.features, columns)
    facts |= {"fitted_as_of": fitted_as_of, "trained_as_of": trained_as_of}
    facts["parameters"] = {"seed": seed, "reason": reason, **_finite(chosen.figures)}
    named = clustering, chosen.name, table.features, activity_feature, behaviour
    return ClusteringResult(clustering, "ok", reason, ClusterModel(*named, **facts), metrics)


def _refused(clustering: str, reason: str) -> ClusteringResult:
    return ClusteringResult(clustering, "not_enough_data", reason, None)


def decide_clustering_promotion(
    result: ClusteringResult,
    champion: ClusterModel | None,
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
    value_target: str = "spend_91d",
) -> Promotion:
    """Whether a newly fitted clustering replaces the one in force.

    Clusters that people know stay, unless the new ones are clearly better on the customers at the
    date they were fitted at, in what they say about the next 13 weeks' spending or in holding still
    over a month, and clearly worse in neither; or unless the old ones cannot be assigned any more.
    """
    model = result.model
    if model is None:
        return Promotion(False, result.reason)
    if champion is None:
        return Promotion(True, f"the first clusters; {result.reason}")
    table = features if isinstance(features, FeatureTable) else FeatureTable.from_frame(features)
    if set(champion.features) != set(table.features):
        return Promotion(True, "the clusters in force know another feature list")
    old_r2, old_month = _figures(champion, table, labels, model, value_target)
    new_r2 = float(model.parameters.get("holdout_r2", np.nan))
    new_month = float(model.parameters.get("month_ari", np.nan))
    more, steadier = new_r2 - old_r2, new_month - old_month
    told = f"explain {new_r2:.0%} of spending against {old_r2:.0%}"
    if np.isfinite(steadier):
        told += f", with {new_month:.2f} agreement after a month against {old_month:.2f}"
    if more > WORTH_MOVING and not steadier < -STEADIER:
        return Promotion(True, f"the new clusters say clearly more: they {told}")
    if steadier > STEADIER and not more < -WORTH_MOVING:
        return Promotion(True, f"the new clusters hold still clearly better: they {told}")
    return Promotion(
        False, f"the new clusters are not clearly better, so those in force stay: they {told}"
    )


def _figures(
    champion: ClusterModel,
    table: FeatureTable,
    labels: pd.DataFrame,
    model: ClusterModel,
    value_target: str,
) -> tuple[float, float]:
    """R2 and month ARI of the clusters in force, where the new ones were judged."""
    day, activity = model.fitted_as_of, champion.activity_feature
    now = _active(table, day, activity)
    month_later = day + timedelta(days=MONTH_DAYS)
    later_from, later = _later(table, now, month_later, activity, model.trained_as_of)
    order = [table.features.index(name) for name in champion.features]
    cluster = champion.assign(table.x[now][:, order])
    value = _value(table, labels, now, day, value_target)
    r2 = holdout_r2(cluster, value, seed=int(model.parameters["seed"]))
    if not len(later):
        return r2, float("nan")
    again = champion.assign(later[:, order])
    return r2, float(adjusted_rand_score(cluster[later_from], again))


def _active(table: FeatureTable, day: date, activity_feature: str | None) -> NDArray[np.intp]:
    positions = table.at(day)
    if activity_feature not in table.features:
        return positions
    return with_history(table, positions, table.features.index(str(activity_feature)))


def _later(
    table: FeatureTable,
    now: NDArray[np.intp],
    day: date,
    activity_feature: str | None,
    trained_as_of: date,
) -> tuple[NDArray[np.intp], Matrix]:
    """Rows of `now` whose customer is there a month later, and their features then."""
    if day > trained_as_of:
        return np.empty(0, dtype=np.intp), table.x[:0]
    later = _active(table, day, activity_feature)
    found = pd.Index(table.customer_ids[later]).get_indexer(pd.Index(table.customer_ids[now]))
    there = np.flatnonzero(found >= 0)
    return there, table.x[later[found[there]]]


def _value(
    table: FeatureTable,
    labels: pd.DataFrame,
    now: NDArray[np.intp],
    day: date,
    target: str,
) -> Floats:
    """The mature amount of each customer, nan where it is not known."""
    mine = labels[labels["target"] == target]
    mine = mine[to_days(mine["as_of_date"]) == np.datetime64(day, "D")]
    found = pd.Index(mine["customer_id"].to_numpy(dtype=object)).get_indexer(
        pd.Index(table.customer_ids[now])
    )
    amounts = np.append(mine["label"].to_numpy(dtype=np.float64), np.nan)
    return np.asarray(amounts[found])


def _told_columns(features: tuple[str, ...], habits: NDArray[np.intp]) -> NDArray[np.intp]:
    """The columns that names and descriptions speak of: habits, and how they go on."""
    also = [p for p, name in enumerate(features) if ALSO_TOLD.search(name)]
    return np.union1d(habits, np.asarray(also, dtype=np.intp))


def _shape(
    chosen: Candidate,
    space: Space,
    x: Matrix,
    features: tuple[str, ...],
    habits: NDArray[np.intp],
) -> dict[str, Any]:
    """The mixture in order of value (of size, where no value is known), its noise and its names."""
    cluster = chosen.mixture.predict(space.now)
    value = _mean_value(cluster, space.value, chosen.size)
    share = np.bincount(cluster, minlength=chosen.size) / len(cluster)
    order = np.argsort(-(share if np.isnan(value).any() else value), kind="stable")
    mixture = chosen.mixture.ordered(order)
    density = logsumexp(mixture.log_density(space.now), axis=1)
    told = _told_columns(features, habits)
    found = profile_matrix(x[:, told], np.argsort(order)[cluster], chosen.size)
    figures = Figures(tuple(features[p] for p in told), *found)
    return {
        "mixture": mixture,
        "noise_below": float(np.quantile(density, NOISE_SHARE)),
        "names": name_clusters(figures, value[order], share[order]),
        "descriptions": describe_clusters(figures),
    }


def _mean_value(cluster: NDArray[np.intp], value: Floats, size: int) -> Floats:
    known = ~np.isnan(value)
    count = np.bincount(cluster[known], minlength=size)
    sums = np.bincount(cluster[known], weights=value[known], minlength=size)
    return np.where(count > 0, sums / np.maximum(count, 1), np.nan)


def _finite(figures: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if np.isfinite(value)}


def _metric_rows(
    clustering: str,
    trained_as_of: date,
    fitted_as_of: date,
    judged: list[Candidate],
    chosen: Candidate,
    customers: int,
) -> pd.DataFrame:
    rows = [
        {
            "target": clustering,
            "model_version": None,
            "trained_as_of": trained_as_of,
            "as_of_date": fitted_as_of,
            "split": "test",
            "candidate": candidate.name,
            "is_chosen": candidate is chosen,
            "metric": metric,
            "value": value,
            "standard_error": None,
            "rule_value": None,
            "customer_count": customers,
        }
        for candidate in judged
        for metric, value in candidate.figures.items()
        if np.isfinite(value)
    ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)
