"""Candidates and their blends: never negative, learned out of time, right in total."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from data_contracts.definitions.target import Kind
from ml.estimators.blending import learn_weights
from ml.estimators.combining import logarithmic_mean
from ml.frames import FeatureTable, History
from ml.origins import plan_training
from ml.targets.calibration import calibrate
from ml.targets.candidates import BLEND, fit_candidates
from ml.targets.exam import weights_from
from ml.targets.informative import keep_informative
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target, train_target

PRIOR = {"one": 0.5, "two": 0.5, "three": 0.0}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["probability", "amount", "count"]))
def test_weights_of_a_blend_are_never_negative(seed: int, kind: Kind) -> None:
    random = np.random.default_rng(seed)
    margins = {name: random.normal(0.0, 2.0, 60) for name in PRIOR}
    y = (random.random(60) < 0.4).astype(float) * (1.0 if kind == "probability" else 50.0)
    weights = learn_weights(kind, margins, y, PRIOR)
    assert list(weights) == list(PRIOR)
    assert min(weights.values()) >= 0.0
    assert max(weights.values()) > 0.0


def test_a_member_that_knows_gets_the_weight_and_noise_gets_none() -> None:
    random = np.random.default_rng(5)
    truth = random.normal(0.0, 1.5, 20_000)
    margins = {"one": random.normal(size=20_000), "two": truth, "three": random.normal(size=20_000)}
    y = (random.random(20_000) < expit(truth - 1.0)).astype(float)
    weights = learn_weights("probability", margins, y, PRIOR)
    assert weights["two"] == pytest.approx(1.0, abs=0.05)
    assert weights["one"] == weights["three"] == 0.0


def test_weights_do_not_learn_the_level_of_their_origin() -> None:
    random = np.random.default_rng(6)
    truth = random.gamma(1.0, 40.0, 5_000)
    margins = {"one": truth, "two": truth * random.lognormal(0.0, 0.8, 5_000), "three": truth * 0.0}
    y = random.poisson(truth).astype(float)
    level = learn_weights("amount", margins, y, PRIOR)
    raised = learn_weights("amount", margins, 3.0 * y, PRIOR)
    assert sum(raised.values()) == pytest.approx(sum(level.values()), rel=0.02)
    assert raised["one"] > raised["two"]


def test_the_weights_at_a_test_come_from_an_earlier_exam(shop: Shop) -> None:
    target = make_target()
    trained = train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)
    plan = plan_training(target, TRAINED_AS_OF, HISTORY_START)
    test, exams = plan.tests[0], trained.backtest.exams
    assert test.validation is not None
    earlier, exam = exams[test.validation.origin], exams[test.test.origin]
    assert earlier is not None
    assert exam is not None
    assert earlier.origin + timedelta(days=28) <= exam.origin

    def blended(weights: dict[str, float] | None) -> np.ndarray:
        assert weights is not None
        return np.sum([weights[name] * exam.margins[name] for name in weights], axis=0)

    before, own = weights_from(target, earlier), weights_from(target, exam)
    assert before != own
    np.testing.assert_allclose(exam.margins[BLEND], blended(before), atol=1e-9)
    assert np.abs(exam.margins[BLEND] - blended(own)).max() > 1e-3
    # What serves has the weights of the newest exam.
    assert trained.model is not None
    assert trained.model.candidate == BLEND
    assert trained.model.parameters["weights"] == own


@pytest.mark.parametrize("kind", ["amount", "count", "time"])
def test_calibrated_totals_are_those_of_the_mature_origins(shop: Shop, kind: Kind) -> None:
    target = make_target("amount")
    table = keep_informative(FeatureTable.from_frame(shop.features)).table
    origins = sorted(table.slices)[::4][2:5]
    rows = History(table, shop.labels, target).rows([day.astype(object) for day in origins])
    y = np.minimum(rows.y, 28.0) if kind == "time" else rows.y
    fitted = fit_candidates(kind, table.features, rows.x, y)
    ceiling = 28.0 if kind == "time" else None
    for name in ("linear", "lightgbm", BLEND):
        margin = fitted[name].margin(rows.x)
        found = calibrate(kind, 1.0, margin, y, np.full(len(y), 1.0 / len(y)), ceiling)
        score = found.apply(margin)
        assert score.min() >= 0.0
        assert score.sum() == pytest.approx(y.sum(), rel=0.02)
        if kind == "time":
            assert score.max() <= 28.0


@pytest.mark.parametrize("kind", ["amount", "count", "time"])
def test_parts_of_a_factor_on_a_base_add_up_to_the_number(shop: Shop, kind: Kind) -> None:
    target = make_target("amount")
    table = keep_informative(FeatureTable.from_frame(shop.features)).table
    rows = History(table, shop.labels, target).rows([sorted(table.slices)[20].astype(object)])
    fitted = fit_candidates(kind, table.features, rows.x, rows.y)
    for name in ("linear", "lightgbm", BLEND):
        parts = fitted[name].contributions(rows.x)
        assert parts.sum(axis=1) == pytest.approx(fitted[name].margin(rows.x), abs=1e-6)


def test_a_logarithmic_mean_lies_between_the_two_and_meets_them() -> None:
    a, b = np.array([1.0, 2.0, 5.0]), np.array([1.0, 8.0, 5.0 + 1e-12])
    assert logarithmic_mean(a, b) == pytest.approx([1.0, 6.0 / np.log(4.0), 5.0])


def test_columns_that_teach_nothing_are_left_out_with_the_reason(shop: Shop) -> None:
    features = shop.features.assign(again=shop.features["recency_days"])
    narrowed = keep_informative(FeatureTable.from_frame(features))
    assert narrowed.dropped == {
        "constant_count": "constant",
        "unknown_rate": "all null",
        "again": "same as recency_days",
    }
    kept = keep_informative(FeatureTable.from_frame(features), {"constant_count", "again"})
    assert set(kept.dropped) == {"unknown_rate"}
