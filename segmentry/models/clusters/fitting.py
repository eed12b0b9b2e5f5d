"""Clustering glue: fit as of a date, match with what was, store, assign judged dates."""

import datetime
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from ml.clusters.drift import cluster_readings
from ml.clusters.fitting import ClusteringResult, fit_clustering
from ml.clusters.lineage import first_ids, lineage_rows, match_clusters
from ml.clusters.model import ClusterModel, has_history
from ml.clusters.model import assign_clusters as assign
from ml.clusters.profiles import cluster_cards, profile_clusters
from ml.clusters.promotion import decide_clustering_promotion
from ml.frames import Rows
from ml.monitoring.profile import digest_rows
from ml.origins import clustering_dates
from ml.targets.training import Promotion
from segmentry.artefacts import FormatError
from segmentry.home import Home
from segmentry.models.drift import drift_rows
from segmentry.models.registry import Champion, champion_at, store_version
from segmentry.models.targets.labels import sampled
from segmentry.models.targets.training import TrainingData, TrainingTables, read_features
from segmentry.project.vocabulary import (
    CLUSTERINGS,
    feature_columns,
    feature_list_digest,
    lenses,
    targets,
)
from segmentry.warehouse.door import Warehouse


@dataclass(frozen=True)
class InForce:
    """The clustering in force at a date, and the champion that it was read from."""

    champion: Champion
    model: ClusterModel

    @property
    def model_version(self) -> str:
        return self.champion.model_version


def clustering_at(warehouse: Warehouse, clustering: str, date: datetime.date) -> InForce | None:
    """The clustering in force at `date`; None without one that was chosen in today's mart."""
    champion = champion_at(warehouse, clustering, date, feature_list_digest())
    return InForce(champion, champion.cluster_model()) if champion else None


def forebear_of(warehouse: Warehouse, clustering: str, date: datetime.date) -> InForce | None:
    """The clusters that people know at `date`, be the mart another since; None when its columns
    are gone or another release stored it, so that nobody can be assigned any more."""
    champion = champion_at(warehouse, clustering, date, None)
    if champion is None:
        return None
    try:
        known = InForce(champion, champion.cluster_model())
    except FormatError:
        return None
    return known if set(known.model.features) <= set(feature_columns()) else None


def train_clusters(
    warehouse: Warehouse, home: Home, data: TrainingData, tables: TrainingTables
) -> None:
    """Fit every clustering as of one date and add the outcome to `tables`."""
    date = data.trained_as_of
    dates = [*clustering_dates(date), date]
    who = sampled(warehouse, dates, targets())
    frame = read_features(warehouse, dates, f"recency_days is not null and ({who})")
    for clustering, lens in lenses().items():
        result = fit_clustering(frame, data.labels, date, lens)
        before = forebear_of(warehouse, clustering, date)
        model = before.model if before else None
        promotion = decide_clustering_promotion(result, model, frame, data.labels, lens)
        if before and not clustering_at(warehouse, clustering, date):
            told = f"the mart has other features since the last clusters; {result.reason}"
            promotion = Promotion(result.model is not None, told)
        if result.model is not None and promotion.is_promoted:
            today = frame[(frame["as_of_date"] == pd.Timestamp(date)) & has_history(frame)]
            _promote(home, result, before, promotion, today, tables)
        else:
            tables.versions.append(_store(home, result, promotion, date))
        tables.versions[-1]["data_digest"] = _data_digest(frame, result.model)
        if len(result.metrics):
            tables.metrics.append(result.metrics)


def _data_digest(frame: pd.DataFrame, model: ClusterModel | None) -> str | None:
    """Fingerprint of the rows that a clustering was fitted on; labels are none of its business."""
    if model is None:
        return None
    fitted = frame[frame["as_of_date"] == pd.Timestamp(model.fitted_as_of)]
    days = fitted["as_of_date"].to_numpy(dtype="datetime64[D]")
    ids = fitted["customer_id"].to_numpy(dtype=object)
    rows = Rows(model.matrix(fitted), np.zeros(len(fitted)), days, ids)
    return digest_rows(rows, model.features)


def _promote(
    home: Home,
    result: ClusteringResult,
    before: InForce | None,
    promotion: Promotion,
    today: pd.DataFrame,
    tables: TrainingTables,
) -> None:
    """Give the new clusters the ids of those that they carry on, and record what became of all."""
    model = result.model
    if model is None:
        raise ValueError(f"nothing to promote for {result.clustering}")
    lineage = first_ids(model.assigner.size)
    if before is not None:
        old, new = (m.assign(m.matrix(today)) for m in (before.model, model))
        ids, last = before.model.cluster_ids, before.model.last_id
        lineage = match_clusters(old, new, ids, model.assigner.size, last)
    model = replace(model, cluster_ids=lineage.new_ids, last_id=lineage.last_id)
    row = _store(home, replace(result, model=model), promotion, model.trained_as_of)
    tables.versions.append(row)
    previous = before.model_version if before else None
    version = str(row["model_version"])
    tables.lineage.append(
        lineage_rows(lineage, result.clustering, model.trained_as_of, version, previous)
    )


def _store(
    home: Home, result: ClusteringResult, promotion: Promotion, date: datetime.date
) -> dict[str, object]:
    model = result.model
    facts: dict[str, object] = {}
    if model is not None:
        facts = {
            "candidate": model.candidate,
            "training_origins": model.fitted_as_of.isoformat(),
            "training_rows": None,
            "parameters": model.parameters,
        }
    row = store_version(
        home, result.clustering, model, date, promotion.is_promoted, promotion.reason, facts
    )
    # It reads a few columns; it serves as long as the mart is the one that it was chosen in.
    return row | {"feature_list_digest": feature_list_digest() if model else None}


@dataclass
class Assigned:
    """Rows of models.cluster_assignments, cluster_profiles, cluster_cards and drift."""

    assignments: list[pd.DataFrame] = field(default_factory=list)
    profiles: list[pd.DataFrame] = field(default_factory=list)
    cards: list[pd.DataFrame] = field(default_factory=list)
    drift: list[pd.DataFrame] = field(default_factory=list)


def assign_clusters(warehouse: Warehouse, dates: list[datetime.date]) -> Assigned:
    """Assign every customer at `dates`; describe each version at the newest date it is in force."""
    found = Assigned()
    described: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {}
    for date in dates:
        frame = read_features(warehouse, [date])
        for clustering in CLUSTERINGS:
            in_force = clustering_at(warehouse, clustering, date)
            if in_force is None or frame.empty:
                continue
            version, model = in_force.model_version, in_force.model
            found.assignments.append(assign(model, frame, version))
            settled = frame[has_history(frame)].reset_index(drop=True)
            moved = cluster_readings(model, settled)
            found.drift.append(drift_rows(moved, date, clustering, in_force.champion))
            described[version] = (
                profile_clusters(model, settled, version),
                cluster_cards(model, settled, version),
            )
    found.profiles = [profiles for profiles, _ in described.values()]
    found.cards = [cards for _, cards in described.values()]
    return found
