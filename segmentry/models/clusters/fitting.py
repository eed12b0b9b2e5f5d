"""Clustering glue: fit as of a date, match with what was, store, assign judged dates."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.clusters.drift import cluster_readings
from ml.clusters.fitting import ClusteringResult, fit_clusterings
from ml.clusters.lineage import Lineage, first_ids, lineage_rows, match_clusters
from ml.clusters.model import ClusterModel, has_history
from ml.clusters.model import assign_clusters as assign
from ml.clusters.profiles import cluster_cards, profile_clusters
from ml.clusters.promotion import decide_clustering_promotion
from ml.frames import Rows
from ml.monitoring.profile import digest_rows
from ml.origins import clustering_dates
from ml.promotion import Promotion, without_rival
from segmentry.artefacts import FormatError
from segmentry.home import Home
from segmentry.models.drift import drift_rows
from segmentry.models.registry import (
    Champion,
    ModelVersion,
    Origin,
    champion_at,
    store_version,
    version_without_model,
)
from segmentry.models.storing import Training
from segmentry.models.targets.labels import sampled
from segmentry.models.targets.training import TrainingData, read_features
from segmentry.project.vocabulary import (
    CLUSTERINGS,
    feature_list_digest,
    learned_columns,
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


def previous_clustering(
    warehouse: Warehouse, clustering: str, date: datetime.date
) -> InForce | None:
    """The clusters that people know at `date`, be the mart another since; None when its columns
    are gone or another release stored it, so that nobody can be assigned any more."""
    champion = champion_at(warehouse, clustering, date, None)
    if champion is None:
        return None
    try:
        known = InForce(champion, champion.cluster_model())
    except FormatError:
        return None
    return known if set(known.model.features) <= set(learned_columns()) else None


def train_clusters(warehouse: Warehouse, home: Home, data: TrainingData) -> list[Training]:
    """Fit every clustering as of one date and store it below home."""
    date = data.trained_as_of
    dates = [*clustering_dates(date), date]
    who = sampled(warehouse, dates, targets())
    frame = read_features(warehouse, dates, f"recency_days is not null and ({who})")
    results = fit_clusterings(frame, data.labels, date, lenses().values())
    return [_finished(warehouse, home, frame, data, result) for result in results]


def _finished(
    warehouse: Warehouse,
    home: Home,
    frame: pd.DataFrame,
    data: TrainingData,
    result: ClusteringResult,
) -> Training:
    """Compare one clustering with the previous one, and store it."""
    date, lens, model = data.trained_as_of, lenses()[result.clustering], result.model
    if model is None:
        return Training(version_without_model(lens.name, date, result.reason), result.metrics)
    before = previous_clustering(warehouse, lens.name, date)
    promotion = decide_clustering_promotion(
        result, before.model if before else None, frame, data.labels, lens
    )
    if before and not clustering_at(warehouse, lens.name, date):
        promotion = without_rival(
            f"the mart has other features since the last clusters; {result.reason}"
        )
    lineage = None
    if promotion.is_promoted:
        today = frame[(frame["as_of_date"] == pd.Timestamp(date)) & has_history(frame)]
        lineage = _lineage(model, before, today)
        model = replace(model, cluster_ids=lineage.new_ids, last_id=lineage.last_id)
    version = _store(home, model, frame, promotion)
    if lineage is None:
        return Training(version, result.metrics)
    previous = before.model_version if before else None
    rows = lineage_rows(lineage, lens.name, date, version.model_version, previous)
    return Training(version, result.metrics, lineage=rows)


def _lineage(model: ClusterModel, before: InForce | None, today: pd.DataFrame) -> Lineage:
    """Which clusters carry on which; of today's customers."""
    size = model.assigner.size
    if before is None:
        return first_ids(size)
    old, new = (m.assign(m.matrix(today)) for m in (before.model, model))
    return match_clusters(old, new, before.model.cluster_ids, size, before.model.last_id)


def _store(
    home: Home, model: ClusterModel, frame: pd.DataFrame, promotion: Promotion
) -> ModelVersion:
    origin = Origin(
        candidate=model.candidate,
        # It reads a few columns; it serves as long as the mart is the one that it was chosen in.
        feature_list_digest=feature_list_digest(),
        data_digest=_data_digest(frame, model),
        training_origins=model.fitted_as_of.isoformat(),
        training_rows=None,
        parameters=model.parameters,
    )
    return store_version(home, model.clustering, model, model.trained_as_of, promotion, origin)


def _data_digest(frame: pd.DataFrame, model: ClusterModel) -> str:
    """Fingerprint of the rows that a clustering was fitted on; it learns from no labels."""
    fitted = frame[frame["as_of_date"] == pd.Timestamp(model.fitted_as_of)]
    days = fitted["as_of_date"].to_numpy(dtype="datetime64[D]")
    ids = fitted["customer_id"].to_numpy(dtype=object)
    rows = Rows(model.matrix(fitted), np.zeros(len(fitted)), days, ids)
    return digest_rows(rows, model.features)


@dataclass(frozen=True)
class Assigned:
    """Rows of models.cluster_assignments, cluster_profiles, cluster_cards and drift."""

    assignments: list[pd.DataFrame]
    profiles: list[pd.DataFrame]
    cards: list[pd.DataFrame]
    drift: list[pd.DataFrame]


def assign_clusters(warehouse: Warehouse, dates: list[datetime.date]) -> Assigned:
    """Assign every customer at `dates`; describe each version at the newest date it is in force."""
    in_force = {date: _in_force(warehouse, date) for date in dates}
    newest = {clusters.model_version: date for date in dates for clusters in in_force[date]}
    parts = [_assign(warehouse, date, in_force[date], newest) for date in dates]
    return Assigned(
        assignments=[frame for part in parts for frame in part.assignments],
        profiles=[frame for part in parts for frame in part.profiles],
        cards=[frame for part in parts for frame in part.cards],
        drift=[frame for part in parts for frame in part.drift],
    )


def _in_force(warehouse: Warehouse, date: datetime.date) -> list[InForce]:
    """The clusterings in force at a date."""
    clusterings = (clustering_at(warehouse, name, date) for name in CLUSTERINGS)
    return [clustering for clustering in clusterings if clustering]


def _assign(
    warehouse: Warehouse,
    date: datetime.date,
    in_force: list[InForce],
    newest: Mapping[str, datetime.date],
) -> Assigned:
    """The rows of one date. newest: version -> the last date that it is described at."""
    frame = read_features(warehouse, [date])
    if frame.empty:
        return Assigned([], [], [], [])
    settled = frame[has_history(frame)].reset_index(drop=True)
    described = [c for c in in_force if newest[c.model_version] == date]
    return Assigned(
        assignments=[assign(c.model, frame, c.model_version) for c in in_force],
        profiles=[profile_clusters(c.model, settled, c.model_version) for c in described],
        cards=[cluster_cards(c.model, settled, c.model_version) for c in described],
        drift=[
            drift_rows(cluster_readings(c.model, settled), date, c.model.clustering, c.champion)
            for c in in_force
        ],
    )
