"""Drift is told by size and not by the number of customers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.frames import Floats
from ml.monitoring.drift import (
    MEAN_LIMIT,
    PSI_LIMIT,
    Measure,
    Reading,
    judge,
    level_error,
    limit_above,
    mean_change,
    psi,
    retraining_reasons,
)
from ml.monitoring.profile import bin_counts, quantile_edges

CUSTOMERS = (200, 1_000, 50_000, 1_000_000)


def shop(size: int, seed: int, shift: float = 0.0) -> Floats:
    """Something skewed, with many zeros and some missing values, such as spend in four weeks."""
    random = np.random.default_rng(seed)
    values = np.round(random.lognormal(3.0 + shift, 1.0, size), 2)
    values[random.random(size) < 0.3] = 0.0
    values[random.random(size) < 0.1] = np.nan
    return values


def measured(reference: Floats, current: Floats) -> Measure:
    edges = quantile_edges(reference)
    counts = bin_counts(reference, edges)
    return psi(counts / counts.sum(), bin_counts(current, edges), len(reference))


@pytest.mark.parametrize("trained", CUSTOMERS)
@pytest.mark.parametrize("now", CUSTOMERS)
def test_a_resample_has_not_drifted_whatever_its_size(trained: int, now: int) -> None:
    found = measured(shop(trained, 1), shop(now, 2))
    assert found.value < 0.07
    assert judge(found, PSI_LIMIT) == "ok"


@pytest.mark.parametrize("size", CUSTOMERS)
def test_a_shift_of_the_same_size_is_drift_whatever_the_number_of_customers(size: int) -> None:
    found = measured(shop(size, 1), shop(size, 2, shift=1.2))
    assert judge(found, PSI_LIMIT) == "drifted"
    assert found.value == pytest.approx(0.76, abs=0.25)


def test_a_million_customers_do_not_make_drift_of_a_trifle() -> None:
    found = measured(shop(1_000_000, 1), shop(1_000_000, 2, shift=0.05))
    assert found.value > 5 * found.standard_error, "it is surely there"
    assert judge(found, PSI_LIMIT) == "ok"


def test_thirty_customers_cannot_tell() -> None:
    assert judge(measured(shop(1_000, 1), shop(30, 2, shift=0.6)), PSI_LIMIT) == "watch"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([200, 600, 3_000, 20_000]), st.floats(-1.5, 1.5))
def test_no_number_of_customers_says_the_contrary(seed: int, size: int, shift: float) -> None:
    """Well beyond the limit no sample says ok, well within it none says drifted."""
    truth = measured(shop(50_000, 1), shop(50_000, 2, shift)).value
    found = judge(measured(shop(size, seed), shop(size, seed + 1, shift)), PSI_LIMIT)
    assert found != "ok" or truth < 2.0 * PSI_LIMIT
    assert found != "drifted" or truth > 0.5 * PSI_LIMIT


def test_psi_is_the_published_sum_when_sampling_adds_nothing() -> None:
    reference, now = np.array([0.5, 0.3, 0.2]), np.array([0.4, 0.3, 0.3])
    by_hand = 0.1 * np.log(0.5 / 0.4) + 0.1 * np.log(0.3 / 0.2)
    found = psi(reference, now * 10_000_000, 10_000_000)
    assert found.value == pytest.approx(by_hand, abs=1e-5)


def test_the_noise_of_psi_is_what_resampling_shows() -> None:
    random = np.random.default_rng(0)
    share = np.full(10, 0.1)
    drawn = [psi(share, random.multinomial(500, share).astype(float), 10**9) for _ in range(400)]
    assert np.mean([found.value for found in drawn]) < 0.01
    # Its standard deviation under no change: sqrt(2 (bins - 1)) / n.
    errors = np.median([found.standard_error for found in drawn])
    assert errors == pytest.approx(np.sqrt(18) / 500, rel=0.25)


def test_a_value_that_appears_or_vanishes_is_drift() -> None:
    before, after = shop(5_000, 1), shop(5_000, 2)
    assert judge(measured(before, np.full(5_000, np.nan)), PSI_LIMIT) == "drifted"
    assert judge(measured(before, np.where(np.isnan(after), 7.0, after)), PSI_LIMIT) != "ok"


def test_no_customer_is_no_verdict() -> None:
    assert psi(np.array([0.5, 0.5]), np.zeros(2), 100).standard_error == np.inf


def test_bins_do_not_depend_on_the_order_and_keep_missing_values_apart() -> None:
    values = shop(1_000, 3)
    assert quantile_edges(values) == quantile_edges(values[::-1])
    counts = bin_counts(values, quantile_edges(values))
    assert counts.sum() == 1_000
    assert counts[-1] == np.isnan(values).sum()
    assert quantile_edges(np.full(5, np.nan)) == ()
    assert bin_counts(np.array([1.0, np.nan]), ()).tolist() == [1.0, 1.0]


def test_what_was_usual_when_it_was_tested_is_no_news() -> None:
    assert limit_above(0.01, PSI_LIMIT) == PSI_LIMIT
    assert limit_above(4.0, PSI_LIMIT) == 8.0
    assert limit_above(-0.4, MEAN_LIMIT) == 0.8


def test_the_change_of_a_base_rate_is_a_log_odds_ratio_with_its_usual_error() -> None:
    found = mean_change((0.2, 0.16, 1_000), (0.25, 0.1875, 500), is_probability=True)
    assert found is not None
    assert found.value == pytest.approx(np.log((0.25 / 0.75) / (0.2 / 0.8)))
    # Woolf: the four cells' reciprocals add up.
    assert found.standard_error == pytest.approx(np.sqrt(1 / 200 + 1 / 800 + 1 / 125 + 1 / 375))


def test_the_change_of_a_mean_amount_is_a_log_ratio() -> None:
    found = mean_change((10.0, 100.0, 400), (12.0, 144.0, 900), is_probability=False)
    assert found is not None
    assert found.value == pytest.approx(np.log(1.2))
    assert found.standard_error == pytest.approx(np.sqrt(1 / 400 + 1 / 900))


@pytest.mark.parametrize("extreme", [0.0, 1.0])
def test_a_rate_that_is_always_or_never_has_no_odds(extreme: float) -> None:
    assert mean_change((0.2, 0.16, 100), (extreme, 0.0, 100), is_probability=True) is None


def test_the_level_of_scores_is_sum_over_sum() -> None:
    found = level_error(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.6, 0.4, 0.9, 0.3]))
    assert found is not None
    assert found.value == pytest.approx(2.2 / 2.0 - 1.0)
    assert level_error(np.zeros(5), np.ones(5)) is None


def feature(name: str, importance: float, value: float = 0.9) -> Reading:
    return Reading("feature", name, "psi", value, 0.01, PSI_LIMIT, 1_000, importance)


def test_features_call_for_training_when_half_of_the_model_stands_on_them() -> None:
    assert retraining_reasons([feature("a", 0.3), feature("b", 0.19), feature("c", 0.4, 0.0)]) == []
    (reason,) = retraining_reasons([feature("a", 0.3), feature("b", 0.2)])
    assert reason == "features with 50% of its contributions moved: a, b"


def test_a_score_that_moved_calls_for_training_in_words() -> None:
    moved = Reading("score", "churn_28d", "psi", 0.41, 0.02, PSI_LIMIT, 1_000)
    level = Reading("outcome", "churn_28d", "aggregate_error", -0.12, 0.02, 0.05, 1_000)
    unsure = Reading("outcome", "churn_28d", "aggregate_error", -0.12, 0.05, 0.05, 1_000)
    assert retraining_reasons([moved, level, unsure]) == [
        "scores of churn_28d are distributed otherwise than at training (PSI 0.41, limit 0.25)",
        "scores add up to 12.0% below what happened (limit 5%)",
    ]
