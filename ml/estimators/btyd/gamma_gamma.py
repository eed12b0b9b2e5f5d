"""Gamma-Gamma: how much the orders of a customer are worth on average.

Order values are Gamma(p, nu) with nu of the customer's own, itself Gamma(q, v) over customers:
Fader & Hardie (2013), "The Gamma-Gamma model of monetary value". Published fits see repeat orders
only; fitted on every order, the first included, it also knows one-time buyers, and ranks better.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import digamma, gammaln

from ml.estimators.btyd.fit import BtydError, maximise
from ml.frames import Floats


@dataclass(frozen=True)
class Values:
    """Orders (n,) and their mean value (n,) per customer; weight: customers."""

    orders: Floats
    mean: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: slice) -> Values:
        """Some of the rows."""
        return Values(self.orders[rows], self.mean[rows], self.weight[rows])


@dataclass(frozen=True)
class GammaGamma:
    """Fitted parameters. q is above 1: below it the mean over customers would be infinite."""

    p: float
    q: float
    v: float

    @classmethod
    def fit(cls, orders: Floats, mean: Floats) -> GammaGamma:
        """Maximum likelihood over customers whose orders were worth something.

        orders, mean: (n,), number of orders and their mean value. Raises BtydError without any.
        """
        known = (orders > 0.0) & (mean > 0.0) & np.isfinite(mean)
        if not known.any():
            raise BtydError("no customer has orders of a positive value")
        unit = float(mean[known].mean())  # the search does not depend on the currency
        rows = Values(orders[known], mean[known] / unit, np.ones(int(known.sum())))
        p, above, v = maximise(_log_likelihood, np.array([2.0, 2.0, 1.0]), rows).tolist()
        return cls(p, 1.0 + above, v * unit)

    def expected_value(self, orders: Floats, mean: Floats) -> Floats:
        """Mean value of a customer's coming orders, shape (n,): their own mean, shrunk."""
        spent = orders * np.maximum(mean, 0.0)
        return self.p * (self.v + spent) / (self.p * orders + self.q - 1.0)

    def to_dict(self) -> dict[str, float]:
        """JSON-ready content."""
        return asdict(self)


def _log_likelihood(parameters: Floats, rows: Values) -> tuple[float, Floats]:
    """Weighted log likelihood and its gradient by p, q - 1, v."""
    p, above, v = parameters
    q = 1.0 + above
    counts, index = np.unique(rows.orders, return_inverse=True)
    shape = p * rows.orders
    spent = rows.orders * rows.mean
    reach = np.log(v + spent)
    known = gammaln(p * counts + q) - gammaln(p * counts) - gammaln(q) + q * np.log(v)
    value = known[index] - np.log(rows.mean) + shape * np.log(spent) - (shape + q) * reach
    top = digamma(p * counts + q)
    gradient = (
        rows.orders * ((top - digamma(p * counts))[index] + np.log(spent) - reach),
        (top - digamma(q) + np.log(v))[index] - reach,
        q / v - (shape + q) / (v + spent),
    )
    return float(rows.weight @ value), np.array([float(rows.weight @ part) for part in gradient])
