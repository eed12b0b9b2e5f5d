"""The level: of the silent as of the others, and remembered for as long as it was right to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.special import expit

from ml.estimators.by_recency import moved, recency_class
from ml.frames import Rows
from ml.targets.levels import Origins, learn_level, learn_steps, remembered
from tests.ml.shop import make_target

FIRST = date(2024, 1, 1)
ORIGINS = 6
CUSTOMERS = 2000


def origins() -> np.ndarray:
    """Every fourth week, the same customers at each."""
    days = [np.datetime64(FIRST + timedelta(days=28 * number)) for number in range(ORIGINS)]
    return np.repeat(days, CUSTOMERS)


def newest_share(levels: list[float], seed: int = 0) -> float:
    """What the newest origin counts where the log odds of its labels were off by `levels`."""
    rng = np.random.default_rng(seed)
    chance = expit(np.repeat(np.asarray(levels) - np.mean(levels), CUSTOMERS))
    y = (rng.random(len(chance)) < chance).astype(float)
    score = np.full(len(y), y.mean())
    found = Origins.of(origins())
    weights = remembered("probability", score, y, found, 28)
    assert weights.sum() == pytest.approx(1.0)
    return float(found.total(weights)[-1])


def test_a_level_that_drifts_is_forgotten_and_one_that_jumps_about_is_remembered() -> None:
    drifting = newest_share([0.0, 0.4, 0.8, 1.2, 1.6, 2.0])
    jumping = newest_share([0.5, -0.5, 0.5, -0.5, 0.5, -0.5])
    assert drifting > 0.9
    assert jumping < 0.3


def test_without_any_past_step_no_memory_is_preferred() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(ORIGINS * CUSTOMERS) < 0.5).astype(float)
    found = Origins.of(origins())
    by_horizon = [
        found.total(remembered("probability", np.full(len(y), 0.5), y, found, days))
        for days in (364, 728)
    ]
    np.testing.assert_allclose(by_horizon[0], by_horizon[1])
    assert (np.diff(by_horizon[0]) > 0.0).all()


def test_classes_of_recency_by_hand() -> None:
    days = np.array([1.0, 27.0, 28.0, 90.0, 91.0, 900.0, np.nan], dtype=np.float32)
    assert recency_class(days).tolist() == [0, 0, 1, 1, 2, 2, -1]
    steps = [0.0, np.log(2.0), np.log(3.0)]
    told = moved("amount", np.full(7, 10.0), days, steps)
    assert told == pytest.approx([10.0, 10.0, 20.0, 20.0, 30.0, 30.0, 10.0])


def test_a_step_is_shrunk_by_its_own_error() -> None:
    recency = np.repeat(np.array([5.0, 200.0], dtype=np.float32), [5000, 2000])
    y = np.where(recency > 91.0, 20.0, 100.0)
    score = np.where(recency > 91.0, 10.0, 102.0)
    of_class = recency_class(recency)
    sure = learn_steps("amount", score, y, of_class)
    assert sure[2] == pytest.approx(np.log(2.0), rel=0.01)
    assert sure[1] == 0.0
    few = learn_steps("amount", score[4998:5003], y[4998:5003], of_class[4998:5003])
    assert 0.0 < few[2] < 0.9 * np.log(2.0)


@pytest.mark.parametrize("kind", ["probability", "amount", "count"])
def test_the_silent_are_worth_what_they_are_worth(kind: str) -> None:
    rng = np.random.default_rng(3)
    days = origins()
    recency = rng.choice([5.0, 50.0, 200.0], len(days), p=[0.8, 0.1, 0.1]).astype(np.float32)
    truth = np.select([recency < 28.0, recency < 91.0], [0.5, 0.3], 0.1)
    if kind == "probability":
        y = (rng.random(len(days)) < truth).astype(float)
        margin = np.log(truth / (1.0 - truth)) - (recency > 91.0)
    else:
        y = rng.poisson(40.0 * truth).astype(float)
        margin = 40.0 * truth * np.where(recency > 91.0, 0.4, 1.0)
    x = recency[:, None]
    ids = np.array([f"c{number}" for number in range(len(days))], dtype=object)
    target = replace(make_target("probability" if kind == "probability" else "amount"), kind=kind)
    level = learn_level(target, 1.0, margin, Rows(x, y, days, ids), ("recency_days",))
    score = level.apply(margin, x)
    assert score.sum() == pytest.approx(y.sum(), rel=0.02)
    silent = recency > 91.0
    assert score[silent].sum() == pytest.approx(y[silent].sum(), rel=0.06)
    plain = learn_level(target, 1.0, margin, Rows(x, y, days, ids), ("recency_days",), False)
    assert plain.apply(margin, x)[silent].sum() < 0.75 * y[silent].sum()
