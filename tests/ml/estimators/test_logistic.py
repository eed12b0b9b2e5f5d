"""The minimum of the penalised log loss, as a general solver finds it with patience."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.estimators.logistic import fit_logistic


@pytest.mark.parametrize("strength", [0.03, 100.0, 1e6])
@pytest.mark.parametrize("columns", [1, 3])
def test_it_finds_what_a_general_solver_finds(strength: float, columns: int) -> None:
    random = np.random.default_rng(columns)
    x = random.normal(size=(400, columns)) * 3.0
    y = (random.random(400) < 1.0 / (1.0 + np.exp(2.0 - x[:, 0]))).astype(np.float64)
    weights, level = fit_logistic(x, y, strength)
    patient = LogisticRegression(C=strength, tol=1e-12, solver="newton-cholesky").fit(x, y)
    np.testing.assert_allclose(weights, patient.coef_[0], rtol=1e-6, atol=1e-9)
    assert level == pytest.approx(float(patient.intercept_[0]), rel=1e-6)


def test_labels_that_a_column_parts_without_error_have_finite_weights() -> None:
    x = np.linspace(-1.0, 1.0, 50)[:, None]
    weights, level = fit_logistic(x, (x[:, 0] > 0.0).astype(np.float64), 100.0)
    assert np.isfinite([*weights, level]).all()
    assert weights[0] > 5.0


def test_labels_of_one_class_are_refused() -> None:
    with pytest.raises(ValueError, match="one class"):
        fit_logistic(np.ones((3, 1)), np.ones(3), 1.0)
