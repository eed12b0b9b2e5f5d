"""A home with the features of a small shop, and models that were trained on them."""

from __future__ import annotations

import datetime
from pathlib import Path

import dagster as dg
import numpy as np
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from ml.frames import FeatureTable
from ml.promotion import Promotion
from ml.targets.training import TrainedTarget, train_targets
from orchestration.defs.drift import drift
from orchestration.defs.models import scores
from orchestration.resources import SegmentryHome
from segmentry.artefacts import digest_features
from segmentry.home import Home
from segmentry.models.registry import Origin, store_version, version_without_model
from segmentry.models.storing import Training, store_training
from segmentry.models.targets.labels import read_labels
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import feature_columns, targets
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import create_table
from tests.ml.shop import HISTORY_START, make_shop

OLD, NEW, NEXT = (datetime.date(2024, month, day) for month, day in ((10, 7), (11, 4), (12, 2)))
TARGET = "churn_28d"


def build_home(root: Path) -> Warehouse:
    """Models of one target trained at OLD and NEW, of another one with too little data."""
    warehouse = Warehouse(Home(root))
    contracts = load_contracts()
    warehouse.create(contracts)
    features, labels = _mart()
    with warehouse.connect() as connection:
        connection.execute(create_table(contracts.tables["features.customer_features"]))
    warehouse.replace(contracts.tables["features.customer_features"], features)
    warehouse.replace(contracts.tables["models.labels"], labels)
    for date in (OLD, NEW):
        judge_dates(warehouse, [date], training=date)
        train(warehouse, date)
    return warehouse


def _mart() -> tuple[pd.DataFrame, pd.DataFrame]:
    """The shop's features under all columns of the mart, most of them unknown; its labels."""
    shop = make_shop(customers=300, days=350)
    known = shop.features.drop(columns=["constant_count", "unknown_rate", "noise_rate"])
    grid = [NEXT - datetime.timedelta(days=28 * step) for step in range(10)]
    known = known[known["as_of_date"].isin(grid)].reset_index(drop=True)
    known["order_count"] = np.where(known["recency_days"].notna(), 3.0, np.nan)
    empty = {
        name: pd.Series(np.nan if kind != "varchar" else None, known.index)
        for name, kind in feature_columns().items()
        if name not in known.columns
    }
    features = pd.concat([known, pd.DataFrame(empty)], axis=1)
    wanted = ["customer_id", "as_of_date", *feature_columns()]
    horizon = shop.labels["target"].str.extract(r"_(\d+)d$")[0].astype(int)
    matured = pd.to_datetime(shop.labels["as_of_date"]) + pd.to_timedelta(horizon, unit="D")
    labels = shop.labels.assign(matured_on=matured)
    kept = (labels["target"] == TARGET) & labels["label"].notna()
    return features[wanted], labels[kept]


def judge_dates(
    warehouse: Warehouse, dates: list[datetime.date], training: datetime.date | None = None
) -> None:
    """What the plan of a run would write."""
    rows = [(date, "membership", None) for date in dates] + [(dates[-1], "newest", None)]
    if training is not None:
        rows.append((training, "training", f"asked for at {training}"))
    frame = pd.DataFrame(rows, columns=["as_of_date", "purpose", "reason"])
    warehouse.replace(load_contracts().tables["ops.build_dates"], frame)


def train(warehouse: Warehouse, date: datetime.date) -> str:
    """Train and promote churn_28d at a date; returns the version."""
    dates = warehouse.read("select distinct as_of_date from features.customer_features")
    mart = read_features(warehouse, dates["as_of_date"].tolist())
    wanted = {name: targets()[name] for name in (TARGET, "churn_91d")}
    labels = read_labels(warehouse, date, wanted, "true")
    table = FeatureTable.from_frame(mart)
    trained = train_targets(table, labels, wanted.values(), date, HISTORY_START)
    trainings = [_stored(warehouse, result, date) for result in trained.values()]
    store_training(warehouse, load_contracts(), trainings, date)
    return trainings[0].version.model_version


def _stored(warehouse: Warehouse, result: TrainedTarget, date: datetime.date) -> Training:
    """Promoted, if there is a model."""
    name, model = result.target.name, result.model
    if model is None:
        return Training(version_without_model(name, date, result.reason))
    origin = Origin(
        candidate=model.candidate,
        feature_list_digest=digest_features(model.features),
        data_digest=model.data_digest,
        training_origins=None,
        training_rows=None,
        parameters=model.parameters,
    )
    promotion = Promotion(True, result.reason)
    version = store_version(warehouse.home, name, model, date, promotion, origin)
    return Training(version, result.backtest.metrics)


def score(warehouse: Warehouse, dates: list[datetime.date]) -> dg.ExecuteInProcessResult:
    """Score judged dates and look for drift, as the daily job does."""
    judge_dates(warehouse, dates)
    home = SegmentryHome(root=str(warehouse.home.root))
    return dg.materialize([scores, drift], resources={"segmentry": home})
