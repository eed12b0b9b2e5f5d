"""One model for many values of a column: it learns from pairs of a customer and a value.

A category that few buy is learned with the help of those that many buy: what counts is how often
and how lately this customer bought of it. Each value has figures and percentiles of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.definitions.target import Target
from ml.frames import FeatureTable, Floats, History
from ml.targets.backtest import metric_tables
from ml.targets.model import FittedModel, reference_scores
from ml.targets.training import MAX_PAIRS, TrainedTarget


def for_value(model: FittedModel, value: str, name: str) -> FittedModel:
    """The model of pairs as the one of a single value: its target's name, its percentiles."""
    return replace(model, target=name, reference=model.references.get(value, model.reference))


def with_references(model: FittedModel, score: Floats, values: NDArray[np.object_]) -> FittedModel:
    """The model with the scores (n,) that each value's customers had at training; values: (n,)."""
    found = {str(v): reference_scores(score[values == v]) for v in np.unique(values.astype(str))}
    return replace(model, references=found)


def value_tables(
    trained: TrainedTarget,
    features: FeatureTable,
    labels: pd.DataFrame,
    copies: Mapping[str, Target],
    values: NDArray[np.object_],
    seed: int = 0,
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Rows of models.model_metrics and models.model_curves of each value at each test.

    values: (rows of features,) the value of each pair. A value whose labels do not differ at a test
    has no figure there.
    """
    history, backtest = History(features, labels, trained.target, MAX_PAIRS), trained.backtest
    if backtest.newest is None:
        return
    tests = {o: exam for o, exam in backtest.exams.items() if o in backtest.choices and exam}
    asked = {origin: values[history.positions([origin])] for origin in tests}
    for value, copy in copies.items():
        exams = {origin: exam.part(asked[origin] == value) for origin, exam in tests.items()}
        told = {origin: exam for origin, exam in exams.items() if len(np.unique(exam.y)) > 1}
        yield metric_tables(
            copy, backtest.trained_as_of, told, backtest.choices, backtest.newest.origin, seed
        )
