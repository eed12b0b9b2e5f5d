"""Next products as of a training date: learn, compare with what ranks now, store the version."""

import datetime

import duckdb
import pandas as pd

from ml.next_products.model import NamedLevel, TrainedAffinity, train_affinity
from ml.next_products.promotion import decide_affinity_promotion
from ml.targets.training import Promotion
from segmentry.home import Home
from segmentry.models.next_products.history import LEVELS, open_date
from segmentry.models.registry import champion_at, store_version
from segmentry.models.targets.training import TrainingTables
from segmentry.project.vocabulary import NEXT_PRODUCTS, digest_for
from segmentry.warehouse.door import Warehouse


def train_next_products(
    warehouse: Warehouse, home: Home, date: datetime.date, tables: TrainingTables
) -> None:
    """Train what ranks next products as of one date and add the outcome to `tables`."""
    with warehouse.connect() as connection:
        levels = read_levels(connection, date)
    if not levels["product"][1]:
        why = "no order has lines with products, and nobody looked at one"
        tables.versions.append(store_version(home, NEXT_PRODUCTS, None, date, False, why, {}))
        return
    trained = train_affinity(levels, date)
    champion = champion_at(warehouse, NEXT_PRODUCTS, date, digest_for(NEXT_PRODUCTS))
    former = champion.affinity_model() if champion else None
    promotion = decide_affinity_promotion(trained, former, levels)
    tables.versions.append(_store(home, trained, promotion, levels))
    for name, choice in trained.choices.items():
        days = pd.to_datetime(choice.figures["day"], unit="D").dt.date
        figures = choice.figures.drop(columns="day")
        tables.affinity.append(figures.assign(item_level=name, trained_as_of=date, as_of_date=days))


def read_levels(
    connection: duckdb.DuckDBPyConnection, date: datetime.date
) -> dict[str, NamedLevel]:
    """What is learned from at a date, by level of items."""
    reader = open_date(connection, date)
    return {name: (reader.learning(name), reader.items(name)["name"].tolist()) for name in LEVELS}


def _store(
    home: Home, trained: TrainedAffinity, promotion: Promotion, levels: dict[str, NamedLevel]
) -> dict[str, object]:
    chosen = {
        f"{name} {kind}": ranker.candidate
        for name, choice in trained.choices.items()
        for kind, ranker in choice.rankers.items()
    }
    facts: dict[str, object] = {
        "candidate": "rankers",
        "training_rows": sum(len(level.bought.day) for level, _ in levels.values()),
        "parameters": chosen,
    }
    date = trained.model.trained_as_of
    return store_version(
        home, NEXT_PRODUCTS, trained.model, date, promotion.is_promoted, promotion.reason, facts
    )
