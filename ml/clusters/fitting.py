"""Fit the clustering of a lens as of a date: candidates, choice, order by value, names."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.definitions.lens import Lens, LensSpace
from ml.clusters.assigners import Assigner
from ml.clusters.candidates import (
    Candidate,
    Space,
    choose_candidate,
    draw_again,
    evaluate_method,
    shortlist,
)
from ml.clusters.customers import Customers, customers_of
from ml.clusters.expected_spend import ExpectedSpend
from ml.clusters.habits import is_beside_habits
from ml.clusters.lineage import first_ids
from ml.clusters.methods import Sample, one_thread_each
from ml.clusters.model import TENURE, Axes, ClusterModel
from ml.clusters.names import Figures, describe_clusters, name_clusters
from ml.clusters.profiles import money_by_value, profile_matrix
from ml.clusters.space import BehaviourSpace, habit_columns
from ml.frames import Floats, varying_columns
from ml.targets.backtest import METRIC_COLUMNS

# Clusterings fitted at the same time.
WORKERS = 2
MINIMUM_CUSTOMERS = 200
# Where as much as this of a column is unknown, the reader is told.
OFTEN_UNKNOWN = 0.3
# How still the score of a ladder is held: the weight of a month's change beside the error.
CALMS = {"ladder": 1.0, "calm_ladder": 3.0, "calmer_ladder": 10.0, "calmest_ladder": 30.0}
# Customers known for less than this at fitting tell where newcomers are.
NEW_DAYS = 56


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


def fit_clusterings(
    frame: pd.DataFrame, labels: pd.DataFrame, trained_as_of: date, lenses: Iterable[Lens]
) -> list[ClusteringResult]:
    """Fit the clustering of every lens, WORKERS at a time; see fit_clustering."""

    def fit(lens: Lens) -> ClusteringResult:
        return fit_clustering(frame, labels, trained_as_of, lens)

    # Threads and warnings are set here for all: what one fit restores must not free another's.
    with one_thread_each(), ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(fit, lenses))


def fit_clustering(
    frame: pd.DataFrame,
    labels: pd.DataFrame,
    trained_as_of: date,
    lens: Lens,
    value_target: str = "spend_91d",
    minimum_customers: int = MINIMUM_CUSTOMERS,
    seed: int = 0,
) -> ClusteringResult:
    """Fit, evaluate and choose a clustering with what is known at trained_as_of.

    frame: the mart at the dates of `clustering_dates`; labels: customer_id, as_of_date, target,
    label. It is fitted 13 weeks earlier, so that what its clusters spent since is known, and a
    month later is there to see who stays; the very model that was evaluated is the one in force.
    Without these dates in `frame` it is fitted at trained_as_of on stability alone.
    """
    people = customers_of(frame, labels, trained_as_of, lens, value_target)
    count, varying = len(people.x), varying_columns(people.x).size
    needed = max(minimum_customers, lens.least)
    if count < needed or varying < 2:
        return _refused(
            lens.name,
            f"not enough data at {people.fitted_as_of}: {count:,} customers and {varying} columns "
            f"of this lens that tell them apart; {needed} customers and two columns are needed",
        )
    evaluated: list[_Evaluated] = []
    for space in lens.spaces:
        evaluated += _evaluate_space(people, space, lens, seed)
    if not evaluated:
        return _refused(
            lens.name, f"customers at {people.fitted_as_of} are too alike to be clustered"
        )
    wanted = {id(c) for c in shortlist([j.candidate for j in evaluated], lens)}
    evaluated = [j.drawn_again(seed) if id(j.candidate) in wanted else j for j in evaluated]
    chosen, reason = choose_candidate(
        [j.candidate for j in evaluated if np.isfinite(j.candidate.stability_ari)]
    )
    reason += _often_unknown(people)
    axes = next(j.axes for j in evaluated if j.candidate is chosen)
    metrics = _metric_rows(
        lens.name, trained_as_of, people, [j.candidate for j in evaluated], chosen
    )
    model = _shape(chosen, axes, people, lens, trained_as_of, {"seed": seed, "reason": reason})
    return ClusteringResult(lens.name, "ok", reason, model, metrics)


def _refused(clustering: str, reason: str) -> ClusteringResult:
    return ClusteringResult(clustering, "not_enough_data", reason, None)


def _often_unknown(people: Customers) -> str:
    unknown = np.isnan(people.x).mean(axis=0)
    told = [
        name
        for name, share in zip(people.columns.names, unknown, strict=True)
        if OFTEN_UNKNOWN <= share < 1.0
    ]
    if not told:
        return ""
    named = ", ".join(told[:3]) + (", ..." if len(told) > 3 else "")
    return (
        f"; {len(told)} columns are unknown for {OFTEN_UNKNOWN:.0%} of customers or more and count "
        f"as average there ({named})"
    )


@dataclass(frozen=True)
class _Evaluated:
    """A candidate with the axes and the sample that it was fitted on."""

    candidate: Candidate
    axes: Axes
    sample: Sample

    def drawn_again(self, seed: int) -> _Evaluated:
        return replace(self, candidate=draw_again(self.candidate, self.sample, seed))


def _evaluate_space(people: Customers, space: LensSpace, lens: Lens, seed: int) -> list[_Evaluated]:
    """Every candidate of one space."""
    x, before = people.x, people.x[people.later_from]
    position = people.columns.positions(space.columns)
    if varying_columns(x[:, position]).size < 2:
        return []
    found: list[_Evaluated] = []
    if "ladder" in space.methods and np.isfinite(people.value).any():
        for label, calm in CALMS.items():
            axes: Axes = ExpectedSpend.fit(
                tuple(position), x, people.value, before, people.later, calm
            )
            on = _space(axes, people)
            made = evaluate_method("ladder", space.name, on, lens, seed, label)
            found += [_Evaluated(candidate, axes, on.sample) for candidate in made]
    others = [method for method in space.methods if method != "ladder"]
    if others:
        axes = BehaviourSpace(_compared(people, space)).fit(x, before=before, after=people.later)
        on = _space(axes, people)
        for method in others:
            made = evaluate_method(method, space.name, on, lens, seed)
            found += [_Evaluated(candidate, axes, on.sample) for candidate in made]
    return found


def _compared(people: Customers, space: LensSpace) -> tuple[int, ...]:
    """Positions of the columns to compare by: those asked for, and of families the habits."""
    x, before = people.x, people.x[people.later_from]
    family = people.columns.positions(space.by_family)
    names = [people.columns.names[p] for p in family]
    habits = habit_columns(names, x[:, family], before[:, family], people.later[:, family])
    return tuple([family[p] for p in habits] + people.columns.positions(space.named))


def _space(axes: Axes, people: Customers) -> Space:
    z = axes.transform(people.x)
    later = axes.transform(people.later)
    widths = np.ones(z.shape[1])
    if len(later):
        widths = (later - z[people.later_from]).std(axis=0)
    return Space(Sample(z, people.value, np.maximum(widths, 1e-9)), people.later_from, later)


def _shape(
    chosen: Candidate,
    axes: Axes,
    people: Customers,
    lens: Lens,
    trained_as_of: date,
    parameters: dict[str, Any],
) -> ClusterModel:
    """The clusters in order of value (of size, where no value is known), with their names."""
    z = axes.transform(people.x)
    assigner, value = _by_value(chosen.assigner, z, people.value)
    cluster = assigner.predict(z)
    size = assigner.size
    share = np.bincount(cluster, minlength=size) / len(cluster)
    told = _told_columns(people)
    found = profile_matrix(people.x[:, told], cluster, size)
    features = tuple(people.columns.names[p] for p in told)
    money = money_by_value(people.frame, features, cluster, size)
    figures = Figures(features, *found, money)
    ids = first_ids(size)
    mean = [float(v) if np.isfinite(v) else None for v in value]
    known = {name: float(v) for name, v in chosen.figures.items() if np.isfinite(v)}
    return ClusterModel(
        clustering=lens.name,
        candidate=f"{chosen.space}: {chosen.name}",
        columns=people.columns,
        space=axes,
        assigner=assigner,
        cluster_ids=ids.new_ids,
        last_id=ids.last_id,
        names=name_clusters(figures, value if lens.names_tell_level else None, share),
        descriptions=describe_clusters(figures),
        newcomers=_newcomers(people.frame, cluster, size),
        centres=np.stack([z[cluster == number].mean(axis=0) for number in range(size)]),
        spreads=np.maximum(z.std(axis=0), 1e-9),
        shares=share,
        fitted_as_of=people.fitted_as_of,
        trained_as_of=trained_as_of,
        parameters={**parameters, **known, "mean_value": mean, "customers": len(z)},
    )


def _told_columns(people: Customers) -> NDArray[np.intp]:
    """The columns that names and descriptions speak of: habits, values, and how they go on."""
    names, before = people.columns.names, people.x[people.later_from]
    habits = habit_columns(names, people.x, before, people.later)
    also = [position for position, name in enumerate(names) if is_beside_habits(name)]
    return np.union1d(habits, np.asarray(also, dtype=np.intp))


def _by_value(assigner: Assigner, z: Floats, value: Floats) -> tuple[Assigner, Floats]:
    """The assigner with its clusters from the highest mean value down, and these means."""
    cluster = assigner.predict(z)
    known = ~np.isnan(value)
    count = np.bincount(cluster[known], minlength=assigner.size)
    sums = np.bincount(cluster[known], weights=value[known], minlength=assigner.size)
    mean = np.where(count > 0, sums / np.maximum(count, 1), np.nan)
    by = np.bincount(cluster, minlength=assigner.size) if np.isnan(mean).any() else mean
    order = np.argsort(-by, kind="stable")
    return assigner.ordered(order), mean[order]


def _newcomers(frame: pd.DataFrame, cluster: NDArray[np.intp], size: int) -> Floats:
    """Share of each cluster among the newest customers; among all, where none is new."""
    new = np.ones(len(frame), dtype=np.bool_)
    if TENURE in frame.columns:
        new = np.asarray(frame[TENURE] < NEW_DAYS)
    chosen = cluster[new] if new.any() else cluster
    return np.bincount(chosen, minlength=size) / len(chosen)


def _metric_rows(
    clustering: str,
    trained_as_of: date,
    people: Customers,
    evaluated: list[Candidate],
    chosen: Candidate,
) -> pd.DataFrame:
    rows = [
        {
            "target": clustering,
            "model_version": None,
            "trained_as_of": trained_as_of,
            "as_of_date": people.fitted_as_of,
            "split": "test",
            "candidate": f"{candidate.space}: {candidate.name}",
            "is_chosen": candidate is chosen,
            "metric": metric,
            "value": value,
            "standard_error": None,
            "rule_value": None,
            "customer_count": len(people.x),
        }
        for candidate in evaluated
        for metric, value in candidate.figures.items()
        if np.isfinite(value)
    ]
    return pd.DataFrame(rows, columns=METRIC_COLUMNS)
