"""Training glue: read what a date needs, train, compare with the champion, store."""

import datetime
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable
from ml.origins import needed_dates
from ml.targets.pooled import value_tables, with_references
from ml.targets.promotion import decide_target_promotion
from ml.targets.training import Pairs, TrainedTarget, train_targets
from segmentry.artefacts import digest_features
from segmentry.home import Home
from segmentry.models.registry import Origin, champion_at, store_version, version_without_model
from segmentry.models.storing import Training
from segmentry.models.targets.labels import read_labels, sampled
from segmentry.models.targets.pairs import BETWEEN, PairData, read_pair_data
from segmentry.project.vocabulary import (
    KEYS,
    digest_for,
    learned_columns,
    pooled_targets,
    targets,
    written_targets,
)
from segmentry.warehouse.door import Warehouse


def origins_needed(trained_as_of: datetime.date, first_event: datetime.date) -> list[datetime.date]:
    """Dates whose features and labels training at `trained_as_of` reads."""
    return needed_dates(trained_as_of, written_targets().values(), first_event)


def read_features(
    warehouse: Warehouse, dates: list[datetime.date], who: str = "true"
) -> pd.DataFrame:
    """What is learned from at some dates, in a fixed order. `who`: SQL condition over the mart."""
    return warehouse.read(
        f"select {', '.join((*KEYS, *learned_columns()))} from features.customer_features "
        f"where list_contains(?, as_of_date) and ({who}) order by as_of_date, customer_id",
        [dates],
    )


@dataclass(frozen=True)
class TrainingData:
    """What was known at one date: features at every origin that is needed, mature labels.

    pairs: the same for each target with for_each, None where none of its values leads.
    """

    trained_as_of: datetime.date
    first_event: datetime.date
    features: FeatureTable
    labels: pd.DataFrame
    targets: dict[str, Target]
    pairs: dict[str, PairData | None]


def read_training_data(
    warehouse: Warehouse, trained_as_of: datetime.date, first_event: datetime.date
) -> TrainingData:
    """Read the frames that training as of one date needs, of a sample where there are many."""
    dates = [*origins_needed(trained_as_of, first_event), trained_as_of]
    found = targets()
    who = sampled(warehouse, dates, found)
    features = read_features(warehouse, dates, who)
    labels = read_labels(warehouse, trained_as_of, found, who)
    table = FeatureTable.from_frame(features)
    pairs = {
        name: read_pair_data(warehouse, written, trained_as_of, first_event)
        for name, written in pooled_targets().items()
    }
    return TrainingData(trained_as_of, first_event, table, labels, found, pairs)


def train_models(warehouse: Warehouse, home: Home, data: TrainingData) -> list[Training]:
    """Train every target as of one date and store its model below home."""
    date, known = data.trained_as_of, {n: p for n, p in data.pairs.items() if p is not None}
    trained = train_targets(
        data.features,
        data.labels,
        data.targets.values(),
        date,
        data.first_event,
        pairs=[Pairs(p.target, p.features, p.labels) for p in known.values()],
    )
    finished = []
    for name, result in trained.items():
        pairs = known.get(name)
        if pairs is None:
            finished.append(_finished(warehouse, home, result, data.features, data.labels))
            continue
        result = _by_value(result, pairs)
        finished.append(_finished(warehouse, home, result, pairs.features, pairs.labels, pairs))
    for name in sorted(set(data.pairs) - set(known)):
        why = f"no {written_targets()[name].for_each} leads yet, so that there is nothing to ask of"
        finished.append(Training(version_without_model(name, date, why)))
    return finished


def _values(features: FeatureTable) -> NDArray[np.object_]:
    """The value of each pair (n,)."""
    return np.asarray([name.split(BETWEEN, 1)[1] for name in features.customer_ids], dtype=object)


def _by_value(result: TrainedTarget, pairs: PairData) -> TrainedTarget:
    """A model of pairs with the percentiles of each value."""
    if result.model is None:
        return result
    now = pairs.features.at(result.backtest.trained_as_of)
    order = [pairs.features.features.index(name) for name in result.model.features]
    score = result.model.score(pairs.features.x[now][:, order])
    return replace(result, model=with_references(result.model, score, _values(pairs.features)[now]))


def _finished(
    warehouse: Warehouse,
    home: Home,
    result: TrainedTarget,
    features: FeatureTable,
    labels: pd.DataFrame,
    pairs: PairData | None = None,
) -> Training:
    """Compare one target's model with its champion, and store it."""
    name, model, date = result.target.name, result.model, result.backtest.trained_as_of
    tables = [(result.backtest.metrics, result.backtest.curves)]
    if pairs is not None:
        tables += value_tables(result, features, labels, pairs.copies, _values(features))
    metrics, curves = (pd.concat(kind, ignore_index=True) for kind in zip(*tables, strict=True))
    curves = curves.assign(trained_as_of=date)
    if model is None:
        version = version_without_model(name, date, result.reason)
        return Training(version, metrics, curves)
    champion = champion_at(warehouse, name, date, digest_for(name))
    in_force = champion.target_model() if champion else None
    promotion = decide_target_promotion(result, in_force, features, labels)
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
