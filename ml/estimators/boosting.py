"""Small, shallow, deterministic gradient-boosted trees, pooled over several origins."""

from __future__ import annotations

import weakref
from threading import Lock
from typing import Any, ClassVar, Literal, Self

import lightgbm as lgb
import numpy as np
from sklearn.base import BaseEstimator

from ml.estimators.tree_shap import ShapTables, TreeShapeError
from ml.frames import Floats, Matrix

# The number of threads depends on the data alone, never on the machine: the sums of a histogram
# depend on how they are split. Small tables are done before a second thread is of use.
MANY_ROWS = 50_000
# What many rows can teach in the same number of trees: all the leaves of four levels, and longer
# steps, which few rows would overfit.
MANY_ROWS_LEAVES, MANY_ROWS_RATE = 16, 0.1


Objective = Literal["binary", "tweedie", "poisson"]
# Between a count of things (1) and a sum of money whose spread grows with its square (2).
TWEEDIE_POWER = 1.5


def _threads(rows: int) -> int:
    return 2 if rows > MANY_ROWS else 1


class Bins:
    """Training matrices cut into bins, once for all targets that learn from the same array."""

    def __init__(self) -> None:
        self._binned: dict[int, tuple[weakref.ref[Matrix], lgb.Dataset]] = {}
        self._lock = Lock()

    def of(self, x: Matrix, parameters: dict[str, Any]) -> lgb.Dataset:
        """The bins of x (n, features) as a dataset of its own, whose labels are not set yet.

        parameters: those that decide about bins have to follow from x alone.
        """
        with self._lock:
            known = self._binned.get(id(x))
            if known is None or known[0]() is not x:
                data = lgb.Dataset(np.ascontiguousarray(x), params=parameters).construct()
                number = id(x)
                gone = weakref.ref(x, lambda _: self._binned.pop(number, None))
                known = self._binned[number] = gone, data
            return known[1].subset(list(range(len(x))), params=parameters).construct()


_BINS = Bins()


def _tables(booster: lgb.Booster) -> ShapTables | None:
    """The trees as tables; None for trees that are too deep, which LightGBM itself explains."""
    try:
        return ShapTables.from_dump(booster.dump_model())
    except TreeShapeError:
        return None


class BoostedTrees(BaseEstimator):  # type: ignore[misc]
    """LightGBM on the margin scale: log odds, or the log of a number. Few leaves: cheap TreeSHAP.

    Learned: booster_ (a lightgbm.Booster).
    """

    type_name: ClassVar[str] = "lightgbm"

    def __init__(
        self,
        objective: Objective = "binary",
        trees: int = 100,
        leaves: int = 8,
        learning_rate: float = 0.06,
        seed: int = 0,
    ) -> None:
        self.objective = objective
        self.trees = trees
        self.leaves = leaves
        self.learning_rate = learning_rate
        self.seed = seed

    def fit(self, x: Matrix, y: Floats, exposure: Floats | None = None) -> Self:
        """Fit on x (n, features), y (n,).

        exposure (not for chances): (n,), > 0; the margin is then the log of y over it.
        """
        start = None if exposure is None else np.log(exposure)
        label = y if self.objective == "binary" else np.maximum(y, 0.0)
        is_large = len(y) > MANY_ROWS
        parameters = {
            "objective": self.objective,
            "tweedie_variance_power": TWEEDIE_POWER,
            "num_leaves": MANY_ROWS_LEAVES if is_large else self.leaves,
            "max_depth": 4,
            "learning_rate": MANY_ROWS_RATE if is_large else self.learning_rate,
            # A leaf speaks for enough rows; a small table gets smaller leaves, not none.
            "min_data_in_leaf": int(np.clip(len(y) // 50, 5, 100)),
            "feature_fraction": 0.3,
            "max_bin": 63,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 10.0,
            "num_threads": _threads(len(y)),
            "deterministic": True,
            "force_row_wise": True,
            "seed": self.seed,
            "verbosity": -1,
        }
        data = _BINS.of(x, parameters).set_label(label)
        if start is not None:
            data.set_init_score(start)
        self.n_features_in_ = x.shape[1]
        self.booster_ = lgb.train(parameters, data, num_boost_round=self.trees)
        self.__dict__.pop("tables_", None)
        return self

    def margin(self, x: Matrix) -> Floats:
        """Raw scores, shape (n,)."""
        return self._predict(x, raw_score=True)

    def contributions(self, x: Matrix) -> Floats:
        """Exact TreeSHAP values, shape (n, features + 1), the expected value last."""
        if not hasattr(self, "tables_"):
            self.tables_ = _tables(self.booster_)
        if self.tables_ is None:
            return self._predict(x, pred_contrib=True)
        return self.tables_.contributions(x)

    def _predict(self, x: Matrix, **options: bool) -> Floats:
        if not len(x):
            return np.empty((0, x.shape[1] + 1) if "pred_contrib" in options else 0)
        found = self.booster_.predict(
            np.ascontiguousarray(x), num_threads=_threads(len(x)), **options
        )
        return np.asarray(found, dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content; the trees are LightGBM's own text."""
        text = self.booster_.model_to_string()
        return {"type": self.type_name, "objective": self.objective, "lightgbm_text": text}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> BoostedTrees:
        """The inverse of to_dict."""
        made = cls(content["objective"])
        made.booster_ = lgb.Booster(model_str=content["lightgbm_text"])
        return made
