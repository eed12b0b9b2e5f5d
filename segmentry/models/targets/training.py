"""Training glue: read what a date needs, train, compare with the champion, store."""

import datetime
from dataclasses import dataclass

import pandas as pd

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable
from ml.origins import needed_dates
from ml.targets.promotion import decide_target_promotion
from ml.targets.training import TrainedTarget, train_targets
from segmentry.artefacts import digest_features
from segmentry.home import Home
from segmentry.models.registry import Origin, champion_at, store_version, version_without_model
from segmentry.models.storing import Training
from segmentry.models.targets.labels import read_labels, sampled
from segmentry.project.vocabulary import feature_list_digest, targets_in, written_targets
from segmentry.warehouse.door import Warehouse


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


def train_models(warehouse: Warehouse, home: Home, data: TrainingData) -> list[Training]:
    """Train every target as of one date and store its model below home."""
    date, targets = data.trained_as_of, data.targets.values()
    trained = train_targets(data.features, data.labels, targets, date, data.first_event)
    return [_finished(warehouse, home, data, result) for result in trained.values()]


def _finished(
    warehouse: Warehouse, home: Home, data: TrainingData, result: TrainedTarget
) -> Training:
    """Compare one target's model with its champion, and store it."""
    name, model, date = result.target.name, result.model, data.trained_as_of
    metrics, curves = result.backtest.metrics, result.backtest.curves.assign(trained_as_of=date)
    if model is None:
        version = version_without_model(name, date, result.reason)
        return Training(version, metrics, curves)
    champion = champion_at(warehouse, name, date, feature_list_digest())
    in_force = champion.target_model() if champion else None
    promotion = decide_target_promotion(result, in_force, data.features, data.labels)
    origin = Origin(
        candidate=model.candidate,
        feature_list_digest=digest_features(model.features),
        data_digest=model.data_digest,
        training_origins=",".join(day.isoformat() for day in model.training_origins),
        training_rows=model.training_rows,
        parameters=model.parameters,
    )
    version = store_version(home, name, model, date, promotion, origin)
    return Training(version, metrics, curves)
