"""TreeSHAP by table is TreeSHAP: equal to LightGBM's own, and right on a tree done by hand."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.estimators.tree_shap import ShapTables, TreeShapeError

ROWS = 600


def _table(seed: int, with_unknown: bool) -> tuple[np.ndarray, np.ndarray]:
    """Features on few levels, so that values meet thresholds, and labels that depend on them."""
    random = np.random.default_rng(seed)
    x = random.integers(-3, 4, (ROWS, 6)).astype(np.float32) * np.float32(0.1)
    y = (x[:, 0] * x[:, 1] + x[:, 2] + random.normal(0, 0.1, ROWS) > 0).astype(float)
    if with_unknown:
        x[random.random(x.shape) < 0.2] = np.nan
    return x, y


def _train(x: np.ndarray, y: np.ndarray, leaves: int, depth: int) -> lgb.Booster:
    parameters = {
        "objective": "binary",
        "num_leaves": leaves,
        "max_depth": depth,
        "min_data_in_leaf": 5,
        "num_threads": 1,
        "verbosity": -1,
    }
    return lgb.train(parameters, lgb.Dataset(x, label=y), num_boost_round=8)


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    with_unknown=st.booleans(),
    shape=st.sampled_from([(2, 1), (8, 4), (16, 4), (31, 6)]),
)
def test_values_equal_those_of_lightgbm(seed: int, with_unknown: bool, shape: tuple) -> None:
    x, y = _table(seed, with_unknown)
    booster = _train(x, y, *shape)
    asked, _ = _table(seed + 1, with_unknown=True)
    found = ShapTables.from_dump(booster.dump_model()).contributions(asked)
    np.testing.assert_allclose(found, booster.predict(asked, pred_contrib=True), atol=1e-12)
    np.testing.assert_allclose(
        found.sum(axis=1), booster.predict(asked, raw_score=True), atol=1e-12
    )


def test_a_tree_by_hand() -> None:
    """Half of the rows go left to 1, of the rest half go left to 2 and half right to 4."""

    def leaf(value: float, rows: int) -> dict[str, object]:
        return {"leaf_value": value, "leaf_count": rows}

    def split(feature: int, rows: int, left: object, right: object) -> dict[str, object]:
        rule = {"decision_type": "<=", "missing_type": "None", "default_left": True}
        return {
            **rule,
            "split_feature": feature,
            "threshold": 0.5,
            "internal_count": rows,
            "left_child": left,
            "right_child": right,
        }

    root = split(0, 8, leaf(1.0, 4), split(1, 4, leaf(2.0, 2), leaf(4.0, 2)))
    tables = ShapTables.from_dump({"tree_info": [{"tree_structure": root}]})
    x = np.array([[1.0, 1.0]], dtype=np.float32)
    # Expected value 2; feature 0 known: 3; feature 1 known: 2.5; both: 4.
    np.testing.assert_allclose(tables.contributions(x), [[1.25, 0.75, 2.0]])


def test_trees_that_are_too_deep_are_left_to_others() -> None:
    random = np.random.default_rng(0)
    x = random.random((2000, 1)).astype(np.float32)
    y = np.sin(x[:, 0] * 300)
    booster = lgb.train(
        {"num_leaves": 200, "min_data_in_leaf": 1, "verbosity": -1, "num_threads": 1},
        lgb.Dataset(x, label=y),
        num_boost_round=1,
    )
    with pytest.raises(TreeShapeError, match="deeper than 8"):
        ShapTables.from_dump(booster.dump_model())
