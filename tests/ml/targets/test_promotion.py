"""A fresher model takes over, unless the champion's matured scores were surely better."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ml.frames import FeatureTable, Floats, History
from ml.metrics import paired_interval
from ml.promotion import Promotion
from ml.targets.candidates import BLEND
from ml.targets.exam import Exam
from ml.targets.model import FittedModel
from ml.targets.promotion import decide_target_promotion
from ml.targets.training import TrainedTarget
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target, train_target

ORIGIN = TRAINED_AS_OF - timedelta(days=28)


@pytest.fixture(scope="module")
def trained(shop: Shop) -> TrainedTarget:
    """The challenger: a blend."""
    found = train_target(shop.features, shop.labels, make_target(), TRAINED_AS_OF, HISTORY_START)
    assert found.model is not None
    assert found.model.candidate == BLEND
    return found


def newest(trained: TrainedTarget) -> Exam:
    """The challenger's newest exam."""
    exam = trained.backtest.newest
    assert exam is not None
    assert exam.origin == ORIGIN
    return exam


def old_champion(trained: TrainedTarget) -> FittedModel:
    """A champion that was trained at the exam's origin: its scores from then on have matured."""
    assert trained.model is not None
    return replace(trained.model, trained_as_of=ORIGIN)


def matured(shop: Shop, champion: FittedModel) -> Floats:
    """What a champion gave out to those of the exam."""
    table = FeatureTable.from_frame(shop.features)
    return champion.score(History(table, shop.labels, make_target()).rows([ORIGIN]).x)


def decide(
    shop: Shop, trained: TrainedTarget, champion: FittedModel | None, said: Floats
) -> Promotion:
    """Promotion of a challenger that says `said`, with the weights that its newest exam teaches."""
    exam = replace(newest(trained), learned_blend=said)
    challenger = replace(trained, backtest=replace(trained.backtest, newest=exam))
    table = FeatureTable.from_frame(shop.features)
    return decide_target_promotion(challenger, champion, table, shop.labels)


def test_the_first_model_serves(shop: Shop, trained: TrainedTarget) -> None:
    first = decide(shop, trained, None, newest(trained).y)
    assert first.is_promoted
    assert first.reason.startswith("the first model for this target; ")


def test_a_challenger_that_is_worse_within_noise_is_taken(
    shop: Shop, trained: TrainedTarget
) -> None:
    champion, y = old_champion(trained), newest(trained).y
    old = matured(shop, champion)
    said = old.copy()
    said[:2] = 1.0 - y[:2]  # wrong about two customers, which is 1.4 standard errors
    low, high = paired_interval("brier", y, said, old)
    assert low + high < 0.0 < high
    decided = decide(shop, trained, champion, said)
    assert decided.is_promoted
    assert "worse by" in decided.reason
    assert decided.reason.endswith("which may be chance, so the fresher model is taken")


def test_a_challenger_that_is_worse_beyond_noise_is_kept_out(
    shop: Shop, trained: TrainedTarget
) -> None:
    champion, y = old_champion(trained), newest(trained).y
    said = 0.5 * matured(shop, champion) + 0.25
    assert paired_interval("brier", y, said, matured(shop, champion))[1] < 0.0
    decided = decide(shop, trained, champion, said)
    assert not decided.is_promoted
    assert decided.reason.endswith("so the champion stays")


def test_the_challenger_speaks_with_the_weights_of_its_newest_exam(
    shop: Shop, trained: TrainedTarget
) -> None:
    exam = newest(trained)
    wrong = replace(exam, scores=exam.scores | {BLEND: 1.0 - exam.y}, learned_blend=exam.y)
    challenger = replace(trained, backtest=replace(trained.backtest, newest=wrong))
    table = FeatureTable.from_frame(shop.features)
    decided = decide_target_promotion(challenger, old_champion(trained), table, shop.labels)
    assert decided.is_promoted
    assert "better by" in decided.reason


def test_a_champion_that_knew_the_outcomes_is_not_compared_with_itself(
    shop: Shop, trained: TrainedTarget
) -> None:
    decided = decide(shop, trained, trained.model, newest(trained).y)
    assert decided.is_promoted
    assert "no outcome is known that the champion had not seen" in decided.reason
