"""Next products as of a training date: learn, compare with what ranks now, store the version."""

import datetime

import duckdb
import pandas as pd

from ml.next_products.model import NamedLevel, TrainedAffinity, train_affinity
from ml.next_products.promotion import decide_affinity_promotion
from ml.promotion import Promotion
from segmentry.artefacts import digest_features
from segmentry.home import Home
from segmentry.models.next_products.history import LEVELS, open_date
from segmentry.models.registry import (
    ModelVersion,
    Origin,
    champion_at,
    store_version,
    version_without_model,
)
from segmentry.models.storing import Training
from segmentry.project.vocabulary import NEXT_PRODUCTS, digest_for
from segmentry.warehouse.door import Warehouse


def train_next_products(warehouse: Warehouse, home: Home, date: datetime.date) -> Training:
    """Train what ranks next products as of one date and store it below home."""
    with warehouse.connect() as connection:
        levels = read_levels(connection, date)
    if not levels["product"][1]:
        why = "no order has lines with products, and nobody looked at one"
        return Training(version_without_model(NEXT_PRODUCTS, date, why))
    trained = train_affinity(levels, date)
    champion = champion_at(warehouse, NEXT_PRODUCTS, date, digest_for(NEXT_PRODUCTS))
    former = champion.affinity_model() if champion else None
    promotion = decide_affinity_promotion(trained, former, levels)
    version = _store(home, trained, promotion, levels)
    return Training(version, ranking_metrics=_ranking_metrics(trained, date))


def _ranking_metrics(trained: TrainedAffinity, date: datetime.date) -> pd.DataFrame:
    """Rows of models.affinity_metrics."""
    frames = []
    for name, choice in trained.choices.items():
        days = pd.to_datetime(choice.figures["day"], unit="D").dt.date
        figures = choice.figures.drop(columns="day")
        frames.append(figures.assign(item_level=name, trained_as_of=date, as_of_date=days))
    return pd.concat(frames, ignore_index=True)


def read_levels(
    connection: duckdb.DuckDBPyConnection, date: datetime.date
) -> dict[str, NamedLevel]:
    """What is learned from at a date, by level of items."""
    reader = open_date(connection, date)
    return {name: (reader.learning(name), reader.items(name)["name"].tolist()) for name in LEVELS}


def _store(
    home: Home, trained: TrainedAffinity, promotion: Promotion, levels: dict[str, NamedLevel]
) -> ModelVersion:
    model = trained.model
    chosen = {
        f"{name} {kind}": ranker.candidate
        for name, choice in trained.choices.items()
        for kind, ranker in choice.rankers.items()
    }
    origin = Origin(
        candidate="rankers",
        feature_list_digest=digest_features(model.features),
        data_digest=model.data_digest,
        training_origins=None,
        training_rows=sum(len(level.bought.day) for level, _ in levels.values()),
        parameters=chosen,
    )
    return store_version(home, NEXT_PRODUCTS, model, model.trained_as_of, promotion, origin)
