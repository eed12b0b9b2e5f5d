"""Two customers who do the same score the same, however long history was when they were asked."""

from __future__ import annotations

import numpy as np
import pytest

from ml.estimators.by_history import HISTORY, ByHistory
from ml.estimators.linear import LinearModel
from ml.targets.candidates import fit_candidates

FEATURES = (
    "recency_days",
    "orders_28d_count",
    "orders_364d_count",
    "distinct_products_364d_count",
    "tenure_days",
    "sessions_364d_count",
    HISTORY,
)


def customers(history: int, count: int = 500, seed: int = 0) -> np.ndarray:
    """People with steady rates at a date `history` days after the first order."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, 0.1, count)
    known = min(history, 364)
    columns = [
        1.0 / rate,
        28.0 * rate,
        known * rate,
        np.sqrt(known * rate),
        np.full(count, history),
    ]
    return np.column_stack([*columns, rate, np.full(count, history)]).astype(np.float32)


def levelled(x: np.ndarray) -> np.ndarray:
    part = ByHistory.around(LinearModel("logit"), FEATURES, is_levelled=True)
    assert isinstance(part, ByHistory)
    return part.level(x)


def test_windows_and_totals_do_not_grow_with_the_calendar() -> None:
    young, old = levelled(customers(91)), levelled(customers(273))
    np.testing.assert_allclose(young, old, rtol=1e-5)
    whole = customers(728)
    kept = [FEATURES.index(name) for name in FEATURES if name not in ("tenure_days", HISTORY)]
    np.testing.assert_array_equal(levelled(whole)[:, kept], whole[:, kept])


def test_by_hand_an_order_window_is_made_whole_and_other_families_stay() -> None:
    x = np.array([[3.0, 4.0, 10.0, 6.0, 80.0, 7.0, 91.0]], dtype=np.float32)
    assert levelled(x)[0].tolist()[:-1] == [3.0, 4.0, 40.0, 12.0, 320.0, 7.0]
    unknown = np.array([[3.0, 4.0, 10.0, 6.0, 80.0, 7.0, np.nan]], dtype=np.float32)
    assert levelled(unknown)[0].tolist()[:-1] == [3.0, 4.0, 10.0, 6.0, 80.0, 7.0]


def test_a_model_of_young_origins_keeps_its_level_when_history_is_longer() -> None:
    rng = np.random.default_rng(1)
    young, old = customers(98, 4000, seed=2), customers(300, 4000, seed=2)
    stays = np.exp(-28.0 * young[:, 1] / 28.0)
    y = (rng.random(4000) < stays).astype(float)
    fitted = fit_candidates("probability", FEATURES, young, y, only="linear")["linear"]
    hidden = [*range(len(FEATURES) - 1)]
    plain = fit_candidates("probability", FEATURES[:-1], young[:, hidden], y, only="linear")
    assert fitted.margin(old) == pytest.approx(fitted.margin(young), abs=1e-3)
    drift = plain["linear"].margin(old[:, hidden]) - plain["linear"].margin(young[:, hidden])
    assert abs(float(drift.mean())) > 0.3


def test_the_length_of_history_itself_explains_nothing() -> None:
    x = np.vstack([customers(98, seed=3), customers(154, seed=4)])
    y = (np.arange(len(x)) >= len(x) // 2).astype(float)  # only the calendar tells the labels
    fitted = fit_candidates("amount", (*FEATURES, "spend_91d_amount"), with_spend(x), 1.0 + y)
    for name in ("linear", "lightgbm"):
        parts = fitted[name].contributions(with_spend(x))
        assert not parts[:, FEATURES.index(HISTORY)].any()


def with_spend(x: np.ndarray) -> np.ndarray:
    """With the column from which models of amounts start."""
    return np.column_stack([x, 30.0 * x[:, 1]]).astype(np.float32)


def test_a_mart_that_does_not_tell_its_history_is_learned_from_as_it_is() -> None:
    part = LinearModel("logit")
    assert ByHistory.around(part, FEATURES[:-1], is_levelled=True) is part
