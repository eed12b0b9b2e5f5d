"""Decisions read as sentences: the metric in words, a difference with its direction."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data_contracts.wording.candidates import candidate_heading, candidate_words
from data_contracts.wording.dates import day_words
from ml.promotion import decide_on_gain
from ml.sentences import difference_words, loss_sentence
from ml.targets.choice import choose
from ml.targets.exam import Exam
from tests.ml.shop import make_target

DAY = date(2017, 12, 23)


@pytest.mark.parametrize(
    ("gain", "interval", "words"),
    [
        (0.003991, (0.0012, 0.0068), "better by 0.0040 (95 % interval 0.0012 to 0.0068)"),
        (-0.00356, (-0.0055, 0.0001), "worse by 0.0036 (95 % interval −0.0001 to 0.0055)"),
        (12.28, (8.5, 16.1), "better by 12.3 (95 % interval 8.5 to 16.1)"),
        (1250.0, (650.0, 1850.0), "better by 1,250 (95 % interval 650 to 1,850)"),
        (0.0, (0.0, 0.0), "as good"),
        (0.00001, (-0.0027, 0.0028), "as good"),
        (0.25, (float("nan"), float("nan")), "better by 0.25"),
    ],
)
def test_a_difference_is_told_as_finely_as_it_is_known(
    gain: float, interval: tuple[float, float], words: str
) -> None:
    assert difference_words(gain, interval) == words


def test_a_champion_stays_or_goes_in_a_plain_sentence() -> None:
    stays = decide_on_gain("Brier score at 23 Dec 2017", -0.00356, (-0.0060, -0.0012))
    assert not stays.is_promoted
    assert stays.reason == (
        "the challenger's Brier score at 23 Dec 2017 was worse by 0.0036 (95 % interval 0.0012 to "
        "0.0060), so the champion stays"
    )
    same = decide_on_gain("Brier score at 23 Dec 2017", 0.0, (0.0, 0.0))
    assert same.is_promoted
    assert "as good as the champion's" in same.reason
    slightly = decide_on_gain("mean absolute error at 23 Dec 2017", -0.5, (-2.9, 1.9))
    assert slightly.is_promoted
    assert slightly.reason.endswith(
        "was worse by 0.5 (95 % interval −1.9 to 2.9), which may be chance, so the fresher model "
        "is taken"
    )
    chance = decide_on_gain("Brier score at 23 Dec 2017", 0.0008, (-0.0012, 0.0030))
    assert chance.is_promoted
    assert chance.reason.endswith(
        "better by 0.0008 (95 % interval −0.0012 to 0.0030), which may be chance, so the fresher "
        "model is taken"
    )
    better = decide_on_gain("mean absolute error at 23 Dec 2017", 3.0, (0.6, 5.4))
    assert better.is_promoted
    assert better.reason.endswith("so the challenger is taken")


def test_names_of_candidates_and_days_are_words() -> None:
    assert day_words(date(2017, 9, 2)) == "2 Sep 2017"
    assert candidate_words("rule_orders_91d") == "the simple rule 'orders in the last 91 days'"
    assert candidate_words("lightgbm") == "LightGBM"
    assert candidate_heading("blend") == "Blend of models"
    assert candidate_heading("rule_orders_91d") == "Rule: orders in the last 91 days"
    told = loss_sentence("brier", DAY, "LightGBM", "the rule", 0.0, (0.0, 0.0))
    assert told == "the Brier score of LightGBM at 23 Dec 2017 was as good as that of the rule"


def exam(model_error: float, rule_error: float, outliers: float) -> Exam:
    """A rule and a blend of given mean errors; the rule is very wrong about a few customers."""
    random = np.random.default_rng(0)
    y = random.gamma(1.0, 100.0, 2000)
    sign = np.where(random.random(2000) < 0.5, 1.0, -1.0)
    far = random.random(2000) < 0.02
    scores = {
        "constant": np.full(2000, y.mean()),
        "rule_spend_ewma": y + np.where(far, outliers, rule_error) * sign,
        "blend": y + model_error * sign,
    }
    return Exam(DAY, y, scores, scores)


def test_where_the_deciding_loss_cannot_tell_the_other_one_decides() -> None:
    target = make_target("amount")
    level = choose(target, exam(10.1, 9.0, 60.0))
    assert level.candidate == "blend"
    assert "the mean squared error of the blend of models" in level.reason
    assert choose(target, exam(10.1, 10.0, 10.0)).candidate == "rule_spend_ewma"
    assert choose(target, exam(12.0, 9.0, 60.0)).candidate == "rule_spend_ewma"
    assert "no model is better" in choose(target, exam(12.0, 9.0, 60.0)).reason


def numbers(model: np.ndarray, rule: np.ndarray) -> Exam:
    """A rule and a blend that are off by the given errors, for 2,000 customers."""
    y = np.random.default_rng(0).gamma(1.0, 100.0, 2000)
    scores = {"constant": np.full(2000, y.mean()), "rule_spend_ewma": y + rule, "blend": y + model}
    return Exam(DAY, y, scores, scores)


def test_a_model_that_ties_with_a_rule_needs_as_good_a_level() -> None:
    target, errors = make_target("amount"), np.random.default_rng(1).normal(0.0, 10.0, (2, 2000))
    model, rule = errors - errors.mean(axis=1, keepdims=True)
    model *= 0.999 * np.abs(rule).mean() / np.abs(model).mean()
    taken = choose(target, numbers(model, rule))
    assert taken.candidate == "blend"
    kept = choose(target, numbers(model + 0.2, rule))
    assert kept.candidate == "rule_spend_ewma"
    assert "ties with the best simple rule and has the worse level" in kept.reason


def test_a_surely_wrong_level_is_refused_unless_the_deciding_loss_is_surely_better() -> None:
    target, random = make_target("amount"), np.random.default_rng(2)
    sign = np.where(random.random(2000) < 0.5, 1.0, -1.0)
    far = random.random(2000) < 0.02
    rule = np.where(far, 60.0, 9.0) * sign
    rule -= rule.mean()
    refused = choose(target, numbers(10.0 * sign - (10.0 * sign).mean() + 2.0, rule))
    assert refused.candidate == "rule_spend_ewma"
    assert "is surely worse (its total was 2.0% off" in refused.reason
    better = choose(target, numbers(5.0 * sign - (5.0 * sign).mean() + 2.0, rule))
    assert better.candidate == "blend"
    both_off = choose(target, numbers(10.0 * sign - (10.0 * sign).mean() + 2.0, rule - 2.0))
    assert both_off.candidate == "blend"


def test_a_model_that_does_not_rank_is_refused_for_that_and_not_for_its_loss() -> None:
    random = np.random.default_rng(0)
    y = random.permutation(np.repeat([0.0, 0.0, 100.0], 700))
    noise = random.random(len(y))
    scores = {"constant": np.full(len(y), y.mean()), "rule_spend_ewma": noise, "blend": noise}
    refused = choose(make_target("amount", metric="mae"), Exam(DAY, y, scores, scores))
    assert refused.candidate is None
    assert "ranks customers no better than chance" in refused.reason
    assert "better by" not in refused.reason
