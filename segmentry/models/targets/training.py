"""Training glue: read what a date needs, train, compare with the champion, store."""

import datetime
from dataclasses import dataclass, field

import pandas as pd

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable
from ml.origins import needed_dates
from ml.targets.training import TrainedTarget, decide_promotion, train_targets
from segmentry.home import Home
from segmentry.models.registry import champion_at, store_version
from segmentry.models.targets.labels import read_labels, sampled
from segmentry.project.vocabulary import feature_list_digest, targets_in, written_targets
from segmentry.warehouse.door import Warehouse


@dataclass
class TrainingTables:
    """Rows for models.model_versions, model_metrics, model_curves, cluster_lineage and
    affinity_metrics."""

    versions: list[dict[str, object]] = field(default_factory=list)
    metrics: list[pd.DataFrame] = field(default_factory=list)
    curves: list[pd.DataFrame] = field(default_factory=list)
    lineage: list[pd.DataFrame] = field(default_factory=list)
    affinity: list[pd.DataFrame] = field(default_factory=list)


def origins_needed(trained_as_of: datetime.date, first_event: datetime.date) -> list[datetime.date]:
    """Dates whose features and labels training at `trained_as_of` reads."""
    return needed_dates(trained_as_of, written_targets().values(), first_event)


def read_features(
    warehouse: Warehouse, dates: list[datetime.date], who: str = "true"
) -> pd.DataFrame:
    """The feature mart at some dates, in a fixed order. `who`: SQL condition over its columns."""
    return warehouse.read(
        f"select * from features.customer_features where list_contains(?, as_of_date) and ({who}) "
        "order by as_of_date, customer_id",
        [dates],
    )


@dataclass(frozen=True)
class TrainingData:
    """What was known at one date: features at every origin that is needed, mature labels."""

    trained_as_of: datetime.date
    first_event: datetime.date
    features: FeatureTable
    labels: pd.DataFrame
    targets: dict[str, Target]


def read_training_data(
    warehouse: Warehouse, trained_as_of: datetime.date, first_event: datetime.date
) -> TrainingData:
    """Read the frames that training as of one date needs, of a sample where there are many."""
    dates = [*origins_needed(trained_as_of, first_event), trained_as_of]
    found = targets_in(warehouse)
    who = sampled(warehouse, dates, found)
    features = read_features(warehouse, dates, who)
    labels = read_labels(warehouse, trained_as_of, found, who)
    table = FeatureTable.from_frame(features)
    return TrainingData(trained_as_of, first_event, table, labels, found)


def train_models(
    warehouse: Warehouse, home: Home, data: TrainingData, tables: TrainingTables
) -> None:
    """Train every target as of one date and add the outcome to `tables`."""
    date, features, labels = data.trained_as_of, data.features, data.labels
    trained = train_targets(features, labels, data.targets.values(), date, data.first_event)
    for name, result in trained.items():
        champion = champion_at(warehouse, name, date, feature_list_digest())
        model = champion.target_model() if champion else None
        promotion = decide_promotion(result, model, features, labels)
        tables.versions.append(_store(home, result, promotion.is_promoted, promotion.reason))
        if len(result.backtest.metrics):
            tables.metrics.append(result.backtest.metrics)
            tables.curves.append(result.backtest.curves.assign(trained_as_of=date))


def _store(home: Home, result: TrainedTarget, is_promoted: bool, reason: str) -> dict[str, object]:
    model = result.model
    facts: dict[str, object] = {}
    if model is not None:
        facts = {
            "candidate": model.candidate,
            "training_origins": ",".join(day.isoformat() for day in model.training_origins),
            "training_rows": model.training_rows,
            "parameters": model.parameters,
        }
    name, date = result.target.name, result.backtest.trained_as_of
    return store_version(home, name, model, date, is_promoted, reason, facts)
