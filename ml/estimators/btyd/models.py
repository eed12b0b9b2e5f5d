"""Buy-till-you-die models as candidates: from order counts and dates to what a target asks.

They need no labels to know how customers come and go, so that they learn from everybody's history
up to the day of training, and can look any distance ahead. They answer what happens in the
horizon, not whether a customer is "alive": BG/NBD calls every one-time buyer alive.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
from scipy.special import logit
from sklearn.base import BaseEstimator

from data_contracts.definitions.target import Kind
from ml.estimators.base import no_parts
from ml.estimators.btyd.beta_geometric import BetaGeometric
from ml.estimators.btyd.fit import DAYS_PER_WEEK, Histories
from ml.estimators.btyd.gamma_gamma import GammaGamma
from ml.estimators.btyd.pareto import ParetoNbd
from ml.estimators.shapley import coalition_values, shapley_values
from ml.frames import Floats, Matrix

BtydName = Literal["bg_nbd", "mbg_nbd", "pareto_nbd"]
BTYD_NAMES: tuple[BtydName, ...] = ("bg_nbd", "mbg_nbd", "pareto_nbd")
# The columns of the mart that say all these models know.
INPUTS = ("recency_days", "order_count", "tenure_days", "spend_amount")
# More customers than this change no parameter in a digit that matters.
MAX_CUSTOMERS = 100_000
# Log odds end at one in a million: beyond that a model of four parameters knows nothing.
LEAST_CHANCE = 1e-6
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)


@dataclass(frozen=True)
class Inputs:
    """Positions of INPUTS in a feature list."""

    recency: int
    orders: int
    tenure: int
    spend: int

    @classmethod
    def find(cls, features: Sequence[str]) -> Inputs | None:
        """Where they are; None where one is missing."""
        if not set(INPUTS) <= set(features):
            return None
        return cls(*(features.index(name) for name in INPUTS))

    def read(self, x: Matrix) -> Floats:
        """Recency and tenure in days, orders, mean order value: shape (n, 4); nan where unknown.

        Customers without an order are unknown: no history tells how often they come back.
        """
        columns = x[:, [self.recency, self.orders, self.tenure, self.spend]].astype(np.float64)
        columns[~(columns[:, 1] >= 1.0)] = np.nan
        columns[:, 3] = np.maximum(columns[:, 3] / columns[:, 1], 0.0)
        return columns


class BuyTillYouDie(BaseEstimator):  # type: ignore[misc]
    """One of BTYD_NAMES as an answer to a target: its margin is on the scale of the kind.

    probability: log odds of an order within the horizon, or of none where the labels are higher
    for those who are less likely to order. count: orders. amount: orders times the Gamma-Gamma
    value of an order, fitted on all orders. time: days until the next order, cut at the horizon.
    """

    type_name: ClassVar[str] = "buy_till_you_die"

    def __init__(self, name: BtydName, kind: Kind, horizon_days: int, inputs: Inputs) -> None:
        self.name = name
        self.kind = kind
        self.horizon_days = horizon_days
        self.inputs = inputs

    def fit(self, x: Matrix, y: Floats) -> Self:
        """Learn from the histories in x (n, features), the direction from y (n,).

        Raises BtydError where the histories tell nothing.
        """
        return self.fit_histories(x).fit_direction(x, y)

    def fit_histories(self, x: Matrix) -> Self:
        """Learn how customers order, stay and spend; one row per customer. Needs no labels."""
        known = self.inputs.read(x)
        known = known[~np.isnan(known).any(axis=1)]
        known = known[:: -(-len(known) // MAX_CUSTOMERS) or 1]
        recency, orders, tenure, mean = known.T
        histories = Histories.from_days(orders, recency, tenure)
        self.orders_: BetaGeometric | ParetoNbd
        if self.name == "pareto_nbd":
            self.orders_ = ParetoNbd.fit(histories)
        else:
            self.orders_ = BetaGeometric.fit(histories, first_exit=self.name == "mbg_nbd")
        self.value_ = GammaGamma.fit(orders, mean) if self.kind == "amount" else None
        self.reference_ = np.median(known, axis=0)
        self.sign_ = 1.0
        self.n_features_in_ = x.shape[1]
        return self

    def fit_direction(self, x: Matrix, y: Floats) -> Self:
        """Whether the labels of a probability mean ordering or staying away."""
        if self.kind == "probability":
            margin = self._answers(*self._rows(x).T[:3])
            agreement = float(((margin - margin.mean()) * (y - y.mean())).sum())
            self.sign_ = -1.0 if agreement < 0.0 else 1.0
        return self

    def answering(self, kind: Kind, horizon_days: int) -> BuyTillYouDie:
        """The same model, answering another kind of question about another horizon.

        Amounts need a model that was fitted for amounts.
        """
        answer = copy(self)
        answer.kind, answer.horizon_days = kind, horizon_days
        if kind != "amount":
            answer.value_ = None
        return answer

    def knows(self, x: Matrix) -> bool:
        """Whether any row of x (n, features) has a history that the model can read."""
        return bool((~np.isnan(self.inputs.read(x)).any(axis=1)).any())

    def _rows(self, x: Matrix) -> Floats:
        """Inputs of shape (n, 4); who has no history counts as the reference customer."""
        rows = self.inputs.read(x)
        return np.where(np.isnan(rows), self.reference_, rows)

    def _answers(self, recency: Floats, orders: Floats, tenure: Floats) -> Floats:
        """The margin, for amounts the number of orders; shape (n,)."""
        histories = Histories.from_days(orders, recency, tenure)
        weeks = self.horizon_days / DAYS_PER_WEEK
        if self.kind == "probability":
            chance = self.orders_.order_probability(histories, weeks)
            kept = np.clip(chance, LEAST_CHANCE, 1.0 - LEAST_CHANCE)
            return np.asarray(self.sign_ * logit(kept))
        if self.kind == "time":
            return self._waiting_days(histories, weeks)
        return self.orders_.expected_orders(histories, weeks)

    def _waiting_days(self, histories: Histories, weeks: float) -> Floats:
        """The mean of min(days to the next order, horizon): the integral of not having ordered."""
        waited = np.zeros(len(histories))
        for point, weight in zip((_POINTS + 1.0) / 2.0, _WEIGHTS / 2.0, strict=True):
            waited += weight * (1.0 - self.orders_.order_probability(histories, point * weeks))
        return self.horizon_days * waited

    def margin(self, x: Matrix) -> Floats:
        """Margins, shape (n,)."""
        rows = self._rows(x)
        answers = self._answers(*rows.T[:3])
        if self.value_ is None:
            return answers
        return answers * self.value_.expected_value(rows[:, 1], rows[:, 3])

    def contributions(self, x: Matrix) -> Floats:
        """Exact Shapley values of the four inputs; the base is the reference customer's margin."""
        rows = self._rows(x)
        values = coalition_values(self._answers, rows[:, :3], self.reference_[:3])
        if self.value_ is not None:
            worth = coalition_values(
                self.value_.expected_value, rows[:, [1, 3]], self.reference_[[1, 3]]
            )
            # Bits of a set: recency 1, orders 2, tenure 4, mean value 8; of worth: orders, value.
            values = [values[mask & 7] * worth[mask >> 1 & 1 | mask >> 2 & 2] for mask in range(16)]
        parts = no_parts(x)
        found = shapley_values(values)
        columns = (self.inputs.recency, self.inputs.orders, self.inputs.tenure, self.inputs.spend)
        parts[:, columns[: found.shape[1]]] = found
        parts[:, -1] = values[0]
        return parts

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": self.type_name,
            "law": self.name,
            "kind": self.kind,
            "horizon_days": self.horizon_days,
            "inputs": asdict(self.inputs),
            "orders": self.orders_.to_dict(),
            "value": None if self.value_ is None else self.value_.to_dict(),
            "reference": self.reference_.tolist(),
            "sign": self.sign_,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> BuyTillYouDie:
        """The inverse of to_dict."""
        inputs = Inputs(**content["inputs"])
        made = cls(content["law"], content["kind"], int(content["horizon_days"]), inputs)
        orders = ParetoNbd if made.name == "pareto_nbd" else BetaGeometric
        made.orders_ = orders(**content["orders"])
        made.value_ = None if content["value"] is None else GammaGamma(**content["value"])
        made.reference_ = np.asarray(content["reference"], dtype=np.float64)
        made.sign_ = float(content["sign"])
        return made
