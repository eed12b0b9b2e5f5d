"""Our metrics against scikit-learn's, against small cases by hand, and their symmetries."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as oracle

from ml.metrics import (
    LOSSES,
    aggregate_error,
    analytic_errors,
    auc,
    auc_standard_error,
    best_candidate,
    bootstrap_errors,
    ece,
    evaluate,
    ngini,
    paired_gain,
    paired_interval,
    pr_auc,
    standard_errors,
    top_decile_share,
)


@st.composite
def scored(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Labels with both classes, and scores with many ties."""
    n = draw(st.integers(4, 60))
    y = np.array(draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n)))
    y[0], y[1] = 0.0, 1.0
    ticks = draw(st.lists(st.integers(1, 19), min_size=n, max_size=n))
    return y, np.array(ticks) / 20


@given(scored())
def test_probability_metrics_agree_with_scikit_learn(case: tuple[np.ndarray, np.ndarray]) -> None:
    y, score = case
    found = evaluate("probability", y, score)
    assert found["auc"] == pytest.approx(oracle.roc_auc_score(y, score))
    assert found["pr_auc"] == pytest.approx(oracle.average_precision_score(y, score))
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(y, score))
    assert found["log_loss"] == pytest.approx(oracle.log_loss(y, score))


@given(scored(), st.randoms(use_true_random=False))
def test_probability_metrics_do_not_depend_on_the_order_of_rows(
    case: tuple[np.ndarray, np.ndarray], random: object
) -> None:
    y, score = case
    order = np.array(sorted(range(len(y)), key=lambda _: random.random()))  # type: ignore[attr-defined]
    assert evaluate("probability", y[order], score[order]) == pytest.approx(
        evaluate("probability", y, score)
    )


def test_amount_metrics_agree_with_scikit_learn() -> None:
    random = np.random.default_rng(0)
    y, score = random.gamma(1, 50, 300), random.gamma(1, 50, 300)
    found = evaluate("amount", y, score)
    assert found["mae"] == pytest.approx(oracle.mean_absolute_error(y, score))
    assert found["rmse"] == pytest.approx(oracle.root_mean_squared_error(y, score))


def test_small_cases_by_hand() -> None:
    y = np.array([0.0, 0.0, 10.0, 30.0])
    assert ngini(y, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(1.0)
    assert ngini(y, np.array([4.0, 3.0, 2.0, 1.0])) == pytest.approx(-1.0)
    assert top_decile_share(y, np.array([1.0, 2.0, 3.0, 4.0])) == pytest.approx(0.75)
    assert aggregate_error(y, np.full(4, 11.0)) == pytest.approx(0.1)
    # Two bins' worth: a perfect and a wrong half.
    assert ece(np.array([0.0, 1.0]), np.array([0.0, 0.5])) == pytest.approx(0.25)


def test_ece_of_a_constant_at_the_base_rate_is_zero() -> None:
    y = np.array([1.0] * 30 + [0.0] * 70)
    assert ece(y, np.full(100, 0.3)) == pytest.approx(0.0)


def test_one_class_gives_no_auc() -> None:
    assert np.isnan(auc(np.ones(5), np.arange(5.0)))
    assert np.isnan(pr_auc(np.zeros(5), np.arange(5.0)))


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 1000))
def test_delong_agrees_with_a_bootstrap(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = (random.random(800) < 0.3).astype(float)
    score = y * 0.8 + random.normal(size=800)
    draws = []
    for _ in range(200):
        chosen = random.integers(0, 800, 800)
        draws.append(oracle.roc_auc_score(y[chosen], score[chosen]))
    assert auc_standard_error(y, score) == pytest.approx(np.std(draws), rel=0.25)


@pytest.mark.parametrize("kind", ["probability", "amount"])
def test_every_figure_has_a_positive_standard_error(kind: str) -> None:
    random = np.random.default_rng(1)
    y = (random.random(300) < 0.4).astype(float)
    score = np.clip(0.3 * y + 0.6 * random.random(300), 0.01, 0.99)
    errors = standard_errors(kind, y, score)  # type: ignore[arg-type]
    assert set(errors) == set(evaluate(kind, y, score))  # type: ignore[arg-type]
    assert all(0.0 < value < 0.2 for value in errors.values())


def test_the_better_of_two_scores_has_a_positive_paired_gain() -> None:
    y = np.array([0.0, 1.0, 0.0, 1.0])
    gain, error = paired_gain("brier", y, np.array([0.1, 0.9, 0.2, 0.7]), np.full(4, 0.5))
    assert gain == pytest.approx(np.mean([0.24, 0.24, 0.21, 0.16]))
    assert error > 0.0


def test_delta_method_errors_of_amounts_agree_with_a_bootstrap() -> None:
    random = np.random.default_rng(2)
    y = random.gamma(1.0, 50.0, 1000)
    score = 0.8 * y + random.gamma(2.0, 10.0, 1000)
    errors = analytic_errors("amount", y, score)
    draws: dict[str, list[float]] = {name: [] for name in errors}
    for _ in range(200):
        chosen = random.integers(0, 1000, 1000)
        again = evaluate("amount", y[chosen], score[chosen])
        for name, values in draws.items():
            values.append(again[name])
    for name, values in draws.items():
        assert errors[name] == pytest.approx(np.std(values), rel=0.25), name


def test_only_the_wanted_metrics_are_resampled() -> None:
    y, score = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.1, 0.7, 0.4, 0.3])
    assert bootstrap_errors(y, score, ()) == {}
    assert set(bootstrap_errors(y, score, ("ece",))) == {"ece"}


def test_the_best_candidate_depends_on_what_the_metric_wants() -> None:
    values = {"a": 0.3, "b": -0.1, "c": float("nan")}
    assert best_candidate("auc", values) == "a"
    assert best_candidate("brier", {"a": 0.3, "b": 0.1}) == "b"
    assert best_candidate("aggregate_error", values) == "b"
    assert best_candidate("auc", {"c": float("nan")}) is None


def test_the_interval_of_a_gain_is_that_of_resampled_customers() -> None:
    random = np.random.default_rng(3)
    y = random.normal(size=3000)
    score, rival = y + random.normal(0, 1.0, 3000), y + random.normal(0, 1.1, 3000)
    gains = (rival - y) ** 2 - (score - y) ** 2
    draws = [gains[random.integers(0, 3000, 3000)].mean() for _ in range(400)]
    _, error = paired_gain("rmse", y, score, rival)
    found = paired_interval("rmse", y, score, rival)
    assert found == pytest.approx(tuple(np.quantile(draws, (0.025, 0.975))), abs=0.3 * error)


def test_who_sent_back_more_than_they_bought_has_spent_nothing() -> None:
    y, score = np.array([-20.0, 0.0, 30.0]), np.array([5.0, 5.0, 20.0])
    found = LOSSES["deviance"](y, score)
    assert np.isfinite(found).all()
    assert found == pytest.approx(LOSSES["deviance"](np.array([0.0, 0.0, 30.0]), score))


def test_a_deviance_is_that_of_a_poisson_law_at_the_right_total() -> None:
    random = np.random.default_rng(4)
    score = random.gamma(1.0, 50.0, 500) + 1.0
    y = random.poisson(score).astype(float)
    found = LOSSES["deviance"](y, score)
    level = score * y.sum() / score.sum()
    assert found.mean() == pytest.approx(oracle.mean_poisson_deviance(y, level))
    assert LOSSES["deviance"](y, 1.9 * score) == pytest.approx(found)
    nothing = LOSSES["deviance"](y, np.zeros(500))
    floor = np.full(500, 0.01 * y.mean())
    assert nothing.mean() == pytest.approx(oracle.mean_poisson_deviance(y, floor))


def test_neither_the_median_customer_nor_one_giant_decides_an_amount() -> None:
    random = np.random.default_rng(5)
    mean = np.where(np.arange(2000) % 5 == 0, 100.0, 2.0)
    y = mean * random.gamma(0.2, 5.0, 2000) * (random.random(2000) < 0.4) / 0.4
    y[0] = 25_000.0
    knows, says_zero, says_mean = mean, np.zeros(2000), np.full(2000, mean.mean())
    deviance = LOSSES["deviance"]
    gain, error = paired_gain("deviance", y, knows, says_mean)
    assert gain > 2.0 * error
    gain, error = paired_gain("rmse", y, knows, says_mean)
    assert abs(gain) < 2.0 * error
    assert deviance(y, knows).mean() < deviance(y, says_zero).mean()
