"""How a newly trained target is compared with its champion."""

from __future__ import annotations

import pandas as pd

from data_contracts.wording.candidates import candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import gain_words
from ml.frames import FeatureTable, Floats, History
from ml.metrics import paired_gain, paired_interval
from ml.promotion import (
    Promotion,
    decide_on_gain,
    first_version,
    not_trained,
    without_rival,
)
from ml.targets.exam import Exam
from ml.targets.model import FittedModel
from ml.targets.training import TrainedTarget


def decide_target_promotion(
    trained: TrainedTarget,
    champion: FittedModel | None,
    features: FeatureTable,
    labels: pd.DataFrame,
) -> Promotion:
    """Whether the challenger replaces the champion: the fresher one, unless it is surely worse.

    Both are compared at the challenger's newest mature origin. The challenger speaks with what it
    learned there (the weights of its blend). A champion trained by then speaks as it stands, so
    that its scores are those it gave out, now matured. One trained later knows part of the outcomes
    there, so that its candidate speaks as fitted for that origin; the same candidate would be
    compared with itself.
    """
    if trained.model is None:
        return not_trained(trained.reason)
    if champion is None:
        return first_version("model for this target", trained.reason)
    exam = trained.backtest.newest
    if exam is None:
        # A stretched model, as the champion before it was: nothing could be tested yet.
        return without_rival(trained.reason)
    if set(champion.features) != set(features.features):
        return without_rival("the champion knows another feature list and cannot score any more")
    candidate = trained.model.candidate
    if champion.trained_as_of > exam.origin and champion.candidate == candidate:
        return without_rival(
            "the challenger is what the champion is, learned from newer data, and no outcome is "
            "known that the champion had not seen, so the fresher model is taken"
        )
    old = _champion_scores(champion, exam, History(features, labels, trained.target))
    if old is None:
        gone = candidate_words(champion.candidate)
        return without_rival(f"the champion, {gone}, is no candidate any more")
    metric = trained.target.metric
    pair = metric, exam.y, exam.served(candidate), old
    figure = f"{gain_words(metric)} at {day_words(exam.origin)}"
    return decide_on_gain(figure, paired_gain(*pair)[0], paired_interval(*pair))


def _champion_scores(champion: FittedModel, exam: Exam, history: History) -> Floats | None:
    """What the champion says of those of an exam (n,); None where its candidate is gone."""
    if champion.trained_as_of > exam.origin:
        is_known = champion.candidate in exam.scores
        return exam.served(champion.candidate) if is_known else None
    order = [history.table.features.index(name) for name in champion.features]
    return champion.score(history.rows([exam.origin]).x[:, order])
