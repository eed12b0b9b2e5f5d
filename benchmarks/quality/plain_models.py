"""The peers' recipes, fitted again on our mart: what they reach on the same rows, pair by pair.

LightGBM and logistic regression as their libraries set them, and averages of them. Their published
figures come from another mart and are one draw; these can be compared customer by customer.
"""

from __future__ import annotations

from collections.abc import Mapping

import lightgbm as lgb
import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from data_contracts.definitions.target import Kind
from ml.estimators.linear import NumericBasis
from ml.frames import Floats, Matrix, Rows

LOGISTIC, TREES, AVERAGE = "plain logistic", "plain LightGBM", "their average"
WITH_EWMA = "EWMA and plain LightGBM"
EWMA = "rule_spend_ewma"


def plain_scores(
    kind: Kind, rows: Rows, judged: Rows, rules: Mapping[str, Floats]
) -> dict[str, Floats]:
    """Recipe -> scores (n,) of the judged rows; rules: scores of the simple rules for them."""
    trees = plain_trees(kind, rows.x, rows.y, judged.x)
    if kind == "probability":
        regression = _logistic(rows.x, rows.y, judged.x)
        margins = {LOGISTIC: regression, TREES: trees, AVERAGE: (regression + trees) / 2.0}
        return {name: np.asarray(expit(margin)) for name, margin in margins.items()}
    return {TREES: trees, WITH_EWMA: (trees + rules[EWMA]) / 2.0}


def plain_trees(kind: Kind, x: Matrix, y: Floats, judged: Matrix) -> Floats:
    """Margins (n,) of the judged rows by LightGBM with the defaults of its library."""
    parameters = {
        "objective": "binary" if kind == "probability" else "regression",
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    booster = lgb.train(parameters, lgb.Dataset(np.ascontiguousarray(x), label=y))
    return np.asarray(booster.predict(np.ascontiguousarray(judged), raw_score=True))


def _logistic(x: Matrix, y: Floats, judged: Matrix) -> Floats:
    basis = NumericBasis().fit(x)
    scaler = StandardScaler().fit(basis.transform(x))
    model = LogisticRegression(max_iter=500).fit(scaler.transform(basis.transform(x)), y)
    return np.asarray(model.decision_function(scaler.transform(basis.transform(judged))))
