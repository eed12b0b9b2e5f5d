"""Regularised regressions; imputing, logs and scaling are part of what is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import skew
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression, Ridge, TweedieRegressor
from sklearn.preprocessing import StandardScaler

from ml.estimators.base import no_parts
from ml.estimators.logistic import fit_logistic
from ml.frames import Floats, Matrix, varying_columns

Forms = Literal["log", "raw", "both"]
Link = Literal["logit", "identity", "log"]

# A linear model with some hundred weights gains nothing from more rows than this.
MAX_LINEAR_ROWS = 100_000
SKEWED = 1.0
# So many columns are one idea, fitted without a general solver.
FEW_COLUMNS = 8


def signed_log(values: Floats) -> Floats:
    """log(1 + |v|) with the sign of v: tames long tails, defined for negative values."""
    return np.sign(values) * np.log1p(np.abs(values))


class NumericBasis(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Impute by the median, mark what was missing, take logs of skewed columns.

    columns: positions to use (None: all that vary). forms: 'log' (skewed columns as logs), 'raw',
    or 'both'. cap: the quantile at which raw values are cut (1.0: not at all), so that one huge
    value cannot carry a score.
    Learned: columns_, medians_, missing_ (with an indicator), skewed_, caps_, source_ (the input
    column of every output column).
    """

    def __init__(
        self, columns: tuple[int, ...] | None = None, forms: Forms = "log", cap: float = 1.0
    ) -> None:
        self.columns = columns
        self.forms = forms
        self.cap = cap

    def fit(self, x: Matrix, y: Floats | None = None) -> Self:  # noqa: ARG002
        """Learn medians, skew and caps from x (n, features)."""
        if self.columns is None:
            varying = varying_columns(x)
        else:
            wanted = np.unique(np.asarray(self.columns, dtype=np.intp))
            varying = wanted[varying_columns(x[:, wanted])]
        self.columns_ = varying
        known = x[:, varying].astype(np.float64)
        self.medians_ = np.nanmedian(known, axis=0) if varying.size else np.empty(0)
        self.missing_ = np.flatnonzero(np.isnan(known).any(axis=0))
        filled = np.where(np.isnan(known), self.medians_, known)
        skewness = np.abs(skew(filled, axis=0)) if varying.size else np.empty(0)
        self.skewed_ = np.flatnonzero(skewness > SKEWED)
        self.caps_ = np.quantile(filled, self.cap, axis=0) if varying.size else np.empty(0)
        self._set_source()
        return self

    def _set_source(self) -> None:
        repeats = 2 if self.forms == "both" else 1
        sources = [self.columns_] * repeats + [self.columns_[self.missing_]]
        self.source_: NDArray[np.intp] = np.concatenate(sources)

    def outputs(self, x: Matrix) -> Iterator[Floats]:
        """Every output column (n,): raw and/or log forms, then the missing-value marks."""
        columns = np.ascontiguousarray(x[:, self.columns_].T)
        if self.forms != "log":
            for place, cap in enumerate(self.caps_):
                filled = self._filled(columns, place)
                yield np.minimum(filled, cap) if self.cap < 1.0 else filled
        if self.forms != "raw":
            skewed = set(self.skewed_.tolist())
            for place in range(len(columns)):
                filled = self._filled(columns, place)
                yield signed_log(filled) if place in skewed else filled
        for absent in columns[self.missing_]:
            yield np.isnan(absent).astype(np.float64)

    def _filled(self, columns: Matrix, place: int) -> Floats:
        known: Floats = columns[place].astype(np.float64)
        np.copyto(known, self.medians_[place], where=np.isnan(known))
        return known

    def transform(self, x: Matrix) -> Floats:
        """Shape (n, outputs)."""
        return np.ascontiguousarray(np.stack(list(self.outputs(x)), axis=1))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        learned = ("columns_", "medians_", "missing_", "skewed_", "caps_")
        content: dict[str, Any] = {key: getattr(self, key).tolist() for key in learned}
        return {**content, "forms": self.forms, "cap": self.cap}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> NumericBasis:
        """The inverse of to_dict."""
        made = cls(None, content["forms"], float(content["cap"]))
        for key in ("columns_", "missing_", "skewed_"):
            setattr(made, key, np.asarray(content[key], dtype=np.intp))
        for key in ("medians_", "caps_"):
            setattr(made, key, np.asarray(content[key], dtype=np.float64))
        made._set_source()
        return made


class Carry(BaseEstimator):  # type: ignore[misc]
    """An amount carried forward: one column times one ratio, sum of labels over sum of values.

    No intercept: somebody who spent nothing is expected to spend nothing.
    """

    type_name: ClassVar[str] = "carry"

    def __init__(self, column: int = 0) -> None:
        self.column = column

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Learn the ratio. Unknown and negative values count as nothing."""
        total = float(self._values(x).sum())
        self.ratio_ = max(0.0, float(y.sum()) / total) if total > 0.0 else 0.0
        return self

    def _values(self, x: Matrix) -> Floats:
        return np.maximum(np.nan_to_num(x[:, self.column].astype(np.float64)), 0.0)

    def margin(self, x: Matrix) -> Floats:
        """Amounts, shape (n,)."""
        return self._values(x) * self.ratio_

    def contributions(self, x: Matrix) -> Floats:
        """All of it is the column's."""
        parts = no_parts(x)
        parts[:, self.column] = self.margin(x)
        return parts

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {"type": self.type_name, "column": self.column, "ratio": self.ratio_}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Carry:
        """The inverse of to_dict."""
        made = cls(int(content["column"]))
        made.ratio_ = float(content["ratio"])
        return made


class LinearModel(BaseEstimator):  # type: ignore[misc]
    """Penalised regression over a NumericBasis, scaled.

    link: 'logit' for chances, 'identity' for numbers (ridge), 'log' for numbers as a factor (a
    Poisson quasi-likelihood: right in the mean whatever the labels' spread, if they are >= 0).
    strength: the inverse penalty of the logistic; the penalty per row of the others.
    limit: scaled values are cut at this many deviations, so that no customer far outside of what
    was seen gets a wild score; None leaves them as they are.
    Learned: basis_, centres_, scales_, weights_, intercept_, which alone make predictions, so that
    a stored model computes the same.
    """

    type_name: ClassVar[str] = "linear"

    def __init__(
        self,
        link: Link = "logit",
        columns: tuple[int, ...] | None = None,
        forms: Forms = "log",
        cap: float = 1.0,
        strength: float = 0.03,
        limit: float = 5.0,
    ) -> None:
        self.link = link
        self.columns = columns
        self.forms = forms
        self.cap = cap
        self.strength = strength
        self.limit = limit

    def fit(self, x: Matrix, y: Floats, exposure: Floats | None = None) -> Self:
        """Fit on x (n, features), y (n,).

        exposure (log link only): (n,), > 0; the margin is then the log of y over it.
        """
        step = max(1, -(-len(y) // MAX_LINEAR_ROWS))
        x, y = x[::step], y[::step]
        exposure = np.ones(len(y)) if exposure is None else exposure[::step]
        self.n_features_in_ = x.shape[1]
        self.basis_ = NumericBasis(self.columns, self.forms, self.cap).fit(x)
        if not self.basis_.columns_.size:
            raise ValueError("no column varies in the training rows")
        values = self.basis_.transform(x)
        scale = StandardScaler().fit(values)
        self.centres_ = np.asarray(scale.mean_, dtype=np.float64)
        self.scales_ = np.asarray(scale.scale_, dtype=np.float64)
        self.weights_, self.intercept_ = self._regression(self._scaled(values), y, exposure)
        return self

    def _regression(self, scaled: Floats, y: Floats, exposure: Floats) -> tuple[Floats, float]:
        """Weights and intercept."""
        if self.link == "logit" and scaled.shape[1] <= FEW_COLUMNS:
            return fit_logistic(scaled, y, self.strength)
        if self.link == "logit":
            model = LogisticRegression(C=self.strength, solver="newton-cholesky").fit(scaled, y)
        elif self.link == "identity":
            model = Ridge(alpha=self.strength * len(y)).fit(scaled, y)
        else:
            model = TweedieRegressor(
                power=1, alpha=self.strength, link="log", solver="newton-cholesky"
            ).fit(scaled, np.maximum(y, 0.0) / exposure, sample_weight=exposure)
        weights = np.asarray(model.coef_, dtype=np.float64).ravel()
        return weights, float(np.ravel(model.intercept_)[0])

    def _scaled(self, values: Floats) -> Floats:
        return np.clip((values - self.centres_) / self.scales_, -self.limit, self.limit)

    def _terms(self, x: Matrix) -> Iterator[Floats]:
        """Weight times scaled value of every output of the basis, each (n,)."""
        outputs = self.basis_.outputs(x)
        learned = zip(outputs, self.centres_, self.scales_, self.weights_, strict=True)
        for values, centre, scale, weight in learned:
            scaled = (values - centre) / scale
            if self.limit is not None:
                np.clip(scaled, -self.limit, self.limit, out=scaled)
            yield scaled * weight

    def margin(self, x: Matrix) -> Floats:
        """Term by term rather than a matrix product, whose last bits depend on the batch."""
        total = np.zeros(len(x))
        for term in self._terms(x):
            total += term
        return total + self.intercept_

    def contributions(self, x: Matrix) -> Floats:
        """The terms, gathered by input column; the intercept is the base."""
        parts = np.zeros((x.shape[1] + 1, len(x)))
        for source, term in zip(self.basis_.source_, self._terms(x), strict=True):
            parts[source] += term
        parts[-1] = self.intercept_
        return parts.T

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": self.type_name,
            "link": self.link,
            # JSON knows no infinity.
            "limit": self.limit if np.isfinite(self.limit) else None,
            "basis": self.basis_.to_dict(),
            "centres": self.centres_.tolist(),
            "scales": self.scales_.tolist(),
            "weights": self.weights_.tolist(),
            "intercept": self.intercept_,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> LinearModel:
        """The inverse of to_dict."""
        limit = content["limit"]
        made = cls(content["link"], limit=np.inf if limit is None else float(limit))
        made.basis_ = NumericBasis.from_dict(content["basis"])
        for key in ("centres", "scales", "weights"):
            setattr(made, f"{key}_", np.asarray(content[key], dtype=np.float64))
        made.intercept_ = float(content["intercept"])
        return made
