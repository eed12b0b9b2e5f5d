"""The space of habits: what lasts and is not said twice."""

from __future__ import annotations

import numpy as np
import pytest

from ml.clusters.space import BehaviourSpace, habit_columns, is_habit


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ("orders_182d_count", True),
        ("active_weeks_13w_count", True),
        ("average_order_amount", True),
        ("satisfaction_score", True),
        ("orders_28d_count", False),
        ("active_weeks_4w_count", False),
        ("spend_91d_to_prior_91d_ratio", False),
        ("spend_91d_last_year_amount", False),
        ("rfm_recency_quintile", False),
        ("preferred_hour", False),
        ("store_id", False),
        ("recency_days", False),
    ],
)
def test_a_name_tells_whether_a_feature_can_be_a_habit(feature: str, expected: bool) -> None:
    assert is_habit(feature) is expected


def test_of_several_windows_the_longest_that_the_history_fills_is_taken() -> None:
    random = np.random.default_rng(0)
    features = ("orders_28d_count", "orders_91d_count", "orders_182d_count", "orders_364d_count")
    features += ("order_count", "weekend_rate", "constant_rate")
    x = random.random((300, 7)).astype(np.float32)
    x[:, 6] = 1.0
    after = x + random.normal(0, 0.1, x.shape).astype(np.float32)
    # The history is shorter than the longest window, so that nothing leaves it.
    after[:, 3:5] = x[:, 3:5] + random.random((300, 2)).astype(np.float32)
    chosen = habit_columns(features, x, x, after)
    assert [features[p] for p in chosen] == ["orders_182d_count", "weekend_rate"]
    unknown = habit_columns(features, x, x[:0], x[:0])
    assert "orders_364d_count" in [features[p] for p in unknown]


def test_without_habits_every_varying_column_is_taken() -> None:
    x = np.random.default_rng(0).random((50, 2)).astype(np.float32)
    assert habit_columns(("orders_7d_count", "recency_days"), x, x[:0], x[:0]).tolist() == [0, 1]


def test_what_is_said_five_times_is_one_axis() -> None:
    random = np.random.default_rng(0)
    volume = random.normal(size=(500, 1))
    said = [volume + 0.1 * random.normal(size=(500, 1)) for _ in range(5)]
    x = np.hstack([*said, -volume, random.normal(size=(500, 1))]).astype(np.float32)
    z = BehaviourSpace().fit(x).transform(x)
    assert z.shape == (500, 2)
    np.testing.assert_allclose(z.std(axis=0), 1.0, rtol=1e-6)
    assert abs(np.corrcoef(z[:, 0], volume[:, 0])[0, 1]) > 0.99


def test_what_a_month_changes_is_no_axis() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 3)).astype(np.float32)
    after = x + 0.05 * random.normal(size=(500, 3)).astype(np.float32)
    after[:, 1] = random.normal(size=500)
    space = BehaviourSpace().fit(x, before=x, after=after)
    z = space.transform(x)
    assert z.shape == (500, 2)
    restored = BehaviourSpace.from_dict(space.to_dict())
    np.testing.assert_allclose(restored.transform(x), z)
