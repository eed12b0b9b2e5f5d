"""BG/NBD and MBG/NBD: customers order at a rate of their own and may leave after any order.

Rates are Gamma(r, alpha) over customers, the chance to leave after an order is Beta(a, b).
BG/NBD: Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24.
MBG/NBD lets customers leave after their first order too, so that one-time buyers are not all
alive: Batislam, Denizel & Filiztekin (2007), Int. J. of Research in Marketing 24; Wagner & Hoppe
(2008), Journal of Business & Economic Statistics 26. All of it is in logarithms.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import betaln, digamma, expit, gammaln

from ml.estimators.btyd.fit import Histories, check_histories, maximise
from ml.frames import Floats

# Nodes of the quadrature over the chance to leave.
NODES = 20


@dataclass(frozen=True)
class BetaGeometric:
    """Fitted parameters. first_exit: whether customers may leave after the first order (MBG)."""

    r: float
    alpha: float
    a: float
    b: float
    first_exit: bool

    @classmethod
    def fit(cls, histories: Histories, first_exit: bool) -> BetaGeometric:
        """Maximum likelihood. Raises BtydError where nothing can be learned."""
        check_histories(histories)

        def objective(parameters: Floats, part: Histories) -> tuple[float, Floats]:
            return log_likelihood(parameters, part, first_exit)

        start = np.array([0.5, max(float(histories.age.mean()), 1.0) / 5.0, 1.0, 2.0])
        r, alpha, a, b = maximise(objective, start, histories.grouped()).tolist()
        return cls(r, alpha, a, b, first_exit)

    def alive(self, histories: Histories) -> Floats:
        """The chance that a customer has not left, shape (n,)."""
        parameters = np.array([self.r, self.alpha, self.a, self.b])
        stayed, left = _branches(parameters, histories, self.first_exit)
        return np.asarray(expit(stayed - left))

    def order_probability(self, histories: Histories, weeks: float) -> Floats:
        """The chance of at least one order in the next weeks, shape (n,).

        Whoever is alive leaves only after an order, so that the next one comes at their rate.
        """
        shape = self.r + histories.repeats
        missed = shape * np.log1p(weeks / (self.alpha + histories.age))
        return self.alive(histories) * -np.expm1(-missed)

    def expected_orders(self, histories: Histories, weeks: float) -> Floats:
        """Mean number of orders in the next weeks, shape (n,).

        A living customer of rate l and chance p places (1 - exp(-l p weeks)) / p orders. The rate
        is integrated in closed form, p by Gauss-Jacobi nodes for every count of orders: the usual
        hypergeometric form has a hole at a = 1 and overflows for frequent buyers.
        """
        counts, index = histories.counts
        nodes, weights = beta_nodes(self.a, self.b + counts + self.first_exit)
        shape = self.r + histories.repeats
        time = weeks / (self.alpha + histories.age)
        total = np.zeros(len(histories))
        for chance, weight in zip(nodes[:, index], weights[:, index], strict=True):
            total += weight * -np.expm1(-shape * np.log1p(chance * time)) / chance
        return self.alive(histories) * total

    def to_dict(self) -> dict[str, float | bool]:
        """JSON-ready content."""
        return asdict(self)


def _branches(parameters: Floats, histories: Histories, first_exit: bool) -> tuple[Floats, Floats]:
    """Log likelihoods of having stayed until now and of having left after the last order.

    Both without what they share: the rate's own constants and the beta function of a and b.
    """
    r, alpha, a, b = parameters
    counts, index = histories.counts
    exits = counts + first_exit  # orders after which the customer could have left
    shape = r + histories.repeats
    stayed = betaln(a, b + exits)[index] - shape * np.log(alpha + histories.age)
    leaving = np.where(exits > 0.0, betaln(a + 1.0, b + np.maximum(exits, 1.0) - 1.0), -np.inf)
    return stayed, leaving[index] - shape * np.log(alpha + histories.last)


def log_likelihood(
    parameters: Floats, histories: Histories, first_exit: bool
) -> tuple[float, Floats]:
    """Weighted log likelihood and its gradient by r, alpha, a, b; without factorials of counts."""
    r, alpha, a, b = parameters
    counts, index = histories.counts
    exits = counts + first_exit
    shape = r + histories.repeats
    stayed, left = _branches(parameters, histories, first_exit)
    constants = gammaln(r + counts) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    value = constants[index] + np.logaddexp(stayed, left)
    gone = expit(left - stayed)
    here = 1.0 - gone
    age, last = alpha + histories.age, alpha + histories.last
    both = digamma(a + b) - digamma(a + b + exits)
    gradient = (
        (digamma(r + counts) - digamma(r) + np.log(alpha))[index]
        - here * np.log(age)
        - gone * np.log(last),
        r / alpha - shape * (here / age + gone / last),
        both[index] + gone / a,  # digamma(a + 1) is digamma(a) + 1 / a
        both[index]
        + here * (digamma(b + exits) - digamma(b))[index]
        + gone * (digamma(b + np.maximum(exits, 1.0) - 1.0) - digamma(b))[index],
    )
    weight = histories.weight
    return float(weight @ value), np.array([float(weight @ part) for part in gradient])


def beta_nodes(a: float, b: Floats) -> tuple[Floats, Floats]:
    """Nodes in (0, 1) and weights, both (NODES, len(b)), for means under Beta(a, b).

    The eigenvalues of the Jacobi polynomials' recurrence: Golub & Welsch (1969), Mathematics of
    Computation 23.
    """
    n = np.arange(1.0, NODES)[:, None]
    total = a + b - 2.0
    middle = np.empty((NODES, len(b)))
    middle[0] = (a - b) / (a + b)
    middle[1:] = (a - b) * total / ((2.0 * n + total) * (2.0 * n + total + 2.0))
    beside = np.empty((NODES - 1, len(b)))
    beside[0] = 4.0 * a * b / ((a + b) ** 2 * (a + b + 1.0))
    m = n[1:]
    beside[1:] = 4.0 * m * (m + a - 1.0) * (m + b - 1.0) * (m + total)
    beside[1:] /= (2.0 * m + total) ** 2 * (2.0 * m + total + 1.0) * (2.0 * m + total - 1.0)
    matrices = np.zeros((len(b), NODES, NODES))
    diagonal = np.arange(NODES)
    matrices[:, diagonal, diagonal] = middle.T
    matrices[:, diagonal[1:], diagonal[:-1]] = np.sqrt(beside.T)
    values, vectors = np.linalg.eigh(matrices)  # reads the lower triangle
    nodes = np.clip((1.0 + values) / 2.0, np.finfo(float).tiny, 1.0)
    return nodes.T, (vectors[:, 0, :] ** 2).T
