"""Clustering glue: fit as of a date, store, assign judged dates by the clustering in force."""

import datetime

import pandas as pd

from ml.cluster_model import assign_clusters as assign
from ml.cluster_names import profile_clusters
from ml.clustering import ClusteringResult, decide_clustering_promotion, fit_clustering
from ml.training import Promotion
from orchestration.home import Home
from orchestration.registry import champion_at, store_version
from orchestration.targets import CLUSTERINGS, feature_list_digest
from orchestration.training import TrainingData, TrainingTables, read_features
from orchestration.warehouse import Warehouse


def train_clusters(
    warehouse: Warehouse, home: Home, data: TrainingData, tables: TrainingTables
) -> None:
    """Fit every clustering as of one date and add the outcome to `tables`."""
    for clustering in CLUSTERINGS:
        result = fit_clustering(data.features, data.labels, data.trained_as_of, clustering)
        champion = champion_at(warehouse, clustering, data.trained_as_of, feature_list_digest())
        model = champion.cluster_model() if champion else None
        promotion = decide_clustering_promotion(result, model, data.features, data.labels)
        tables.versions.append(_store(home, result, promotion, data.trained_as_of))
        if len(result.metrics):
            tables.metrics.append(result.metrics)


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
    return store_version(
        home, result.clustering, model, date, promotion.is_promoted, promotion.reason, facts
    )


def assign_clusters(
    warehouse: Warehouse, dates: list[datetime.date]
) -> tuple[list[pd.DataFrame], list[pd.DataFrame]]:
    """Rows of models.cluster_assignments at `dates`, and profiles of the versions in force.

    A profile describes the newest judged date of its version.
    """
    assignments: list[pd.DataFrame] = []
    profiles: dict[str, pd.DataFrame] = {}
    for date in dates:
        frame = read_features(warehouse, [date])
        for clustering in CLUSTERINGS:
            champion = champion_at(warehouse, clustering, date, feature_list_digest())
            if champion is None or frame.empty:
                continue
            model = champion.cluster_model()
            assignments.append(assign(model, frame, champion.model_version))
            profiles[champion.model_version] = profile_clusters(
                model, frame, champion.model_version
            )
    return assignments, list(profiles.values())
