"""Pareto/NBD: customers order at a rate of their own and leave at a moment of their own.

Order rates are Gamma(r, alpha) over customers, rates of leaving Gamma(s, beta). Schmittlein,
Morrison & Colombo (1987), Management Science 33; likelihood as derived by Fader & Hardie (2005),
"A note on deriving the Pareto/NBD model". Their Gaussian hypergeometric functions overflow for
frequent buyers and change form where alpha meets beta; the integrals they stand for are smooth,
so that a few Gauss-Legendre nodes give them to about ten digits everywhere, with gradients.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import digamma, gammaln

from ml.estimators.btyd.fit import Histories, check_histories, maximise
from ml.frames import Floats

_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)
NODES, WEIGHTS = (_POINTS + 1.0) / 2.0, _WEIGHTS / 2.0
# exp(-36) is nothing beside 1 in double precision: integrals of exp(-v) end there.
REACH = 36.0
# Histories at a time: the work of one node stays in the processor's cache.
BATCH = 16_384


@dataclass(frozen=True)
class ParetoNbd:
    """Fitted parameters."""

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(cls, histories: Histories) -> ParetoNbd:
        """Maximum likelihood. Raises BtydError where nothing can be learned."""
        check_histories(histories)
        scale = max(float(histories.age.mean()), 1.0)
        start = np.array([0.5, scale / 5.0, 0.5, scale / 5.0])
        r, alpha, s, beta = maximise(log_likelihood, start, histories.grouped()).tolist()
        return cls(r, alpha, s, beta)

    def alive(self, histories: Histories) -> Floats:
        """The chance that a customer has not left, shape (n,)."""
        parameters = np.array([self.r, self.alpha, self.s, self.beta])
        stayed, left, _ = _branches(parameters, histories)
        return np.asarray(stayed / (stayed + left))

    def order_probability(self, histories: Histories, weeks: float) -> Floats:
        """The chance of at least one order in the next weeks, shape (n,).

        The next order of a living customer comes at time u with the posterior mean of
        l exp(-(l + m) u); the integral over u runs in v = log of the time since the beginning.
        """
        shape = self.r + histories.repeats
        age, staying = self.alpha + histories.age, self.beta + histories.age
        reach = np.minimum(np.log1p(weeks / age), REACH / shape)
        total = np.zeros(len(histories))
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            v = reach * node
            later = age * np.expm1(v) / staying
            total += weight * np.exp(-shape * v - self.s * np.log1p(later))
        return self.alive(histories) * np.minimum(shape * reach * total, 1.0)

    def expected_orders(self, histories: Histories, weeks: float) -> Floats:
        """Mean number of orders in the next weeks, shape (n,)."""
        staying = self.beta + histories.age
        rate = (self.r + histories.repeats) / (self.alpha + histories.age)
        time = np.log1p(weeks / staying)
        lived = staying * time * _relative_growth((1.0 - self.s) * time)
        return self.alive(histories) * rate * lived

    def to_dict(self) -> dict[str, float]:
        """JSON-ready content."""
        return asdict(self)


def _relative_growth(values: Floats) -> Floats:
    """(exp(v) - 1) / v, which is 1 at 0."""
    safe = np.where(values == 0.0, 1.0, values)
    return np.where(values == 0.0, 1.0, np.expm1(safe) / safe)


def _branches(parameters: Floats, histories: Histories) -> tuple[Floats, Floats, Floats]:
    """Likelihoods of having stayed until now and of having left since the last order.

    Relative to (alpha + last)^-(r + x) (beta + last)^-s. Third: the gradients of the second by r,
    alpha, s, beta without that factor's, shape (4, n). The integral over the moment of leaving runs
    in v = log((alpha + moment) / (alpha + last)).
    """
    r, alpha, s, beta = parameters
    shape = r + histories.repeats
    last, start = alpha + histories.last, beta + histories.last
    span = np.log((alpha + histories.age) / last)
    stayed = np.exp(-shape * span - s * np.log((beta + histories.age) / start))
    reach = np.minimum(span, REACH / shape)
    left = np.zeros(len(histories))
    slopes = np.zeros((4, len(histories)))
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        v = reach * node
        since = last * np.expm1(v)
        longer = np.log1p(since / start)
        mass = weight * np.exp((1.0 - shape) * v - (s + 1.0) * longer)
        left += mass
        slopes[0] -= mass * v
        slopes[1] -= mass / (last + since)
        slopes[2] -= mass * longer
        slopes[3] -= mass / (start + since)
    scale = s * reach * last / start
    slopes *= scale
    slopes[1] *= shape
    slopes[3] *= s + 1.0
    left *= scale
    slopes[2] += left / s
    return stayed, left, slopes


def log_likelihood(parameters: Floats, histories: Histories) -> tuple[float, Floats]:
    """Weighted log likelihood and its gradient by r, alpha, s, beta; without factorials."""
    value, gradient = 0.0, np.zeros(4)
    for begin in range(0, len(histories), BATCH):
        part = histories.take(slice(begin, begin + BATCH))
        some, slope = _log_likelihood(parameters, part)
        value += some
        gradient += slope
    return value, gradient


def _log_likelihood(parameters: Floats, histories: Histories) -> tuple[float, Floats]:
    r, alpha, s, beta = parameters
    shape = r + histories.repeats
    stayed, left, slopes = _branches(parameters, histories)
    total = stayed + left
    last, start = alpha + histories.last, beta + histories.last
    age, end = alpha + histories.age, beta + histories.age
    value = gammaln(shape) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    value += np.log(total) - shape * np.log(last) - s * np.log(start)
    here = stayed / total
    slopes /= total
    gradient = (
        digamma(shape) - digamma(r) + np.log(alpha / last) - here * np.log(age / last) + slopes[0],
        r / alpha - here * shape / age + slopes[1],
        np.log(beta / start) - here * np.log(end / start) + slopes[2],
        s / beta - here * s / end + slopes[3],
    )
    weight = histories.weight
    return float(weight @ value), np.array([float(weight @ part) for part in gradient])
