"""Seconds of fitting each buy-till-you-die model on a million simulated customers.

python -m benchmarks.btyd [CUSTOMERS]
"""

import sys
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from rich.console import Console
from rich.table import Table

from ml.estimators.btyd.beta_geometric import BetaGeometric
from ml.estimators.btyd.fit import Histories
from ml.estimators.btyd.gamma_gamma import GammaGamma
from ml.estimators.btyd.pareto import ParetoNbd
from ml.frames import Floats

CUSTOMERS = 1_000_000
DAYS = 728
# What the customers are drawn from: the four parameters of Pareto/NBD, three of Gamma-Gamma.
R, ALPHA, S, BETA = 0.55, 10.6, 0.61, 11.7
P, Q, V = 6.25, 3.74, 15.4


class Fitted(Protocol):
    """Any of the models."""

    def to_dict(self) -> dict[str, float]:
        """Parameters by name."""


def simulate(customers: int, seed: int = 0) -> tuple[Floats, Floats, Floats, Floats]:
    """Orders, days since the last and since the first order, and mean order value, shape (n,)."""
    rng = np.random.default_rng(seed)
    tenure = rng.integers(1, DAYS + 1, customers).astype(float)
    rate = rng.gamma(R, 1.0 / (7.0 * ALPHA), customers)
    lifetime = rng.exponential(1.0, customers) / rng.gamma(S, 1.0 / (7.0 * BETA), customers)
    active = np.minimum(tenure, lifetime)
    repeats = rng.poisson(rate * active).astype(float)
    # The last of so many orders, evenly spread over the days of activity.
    last = np.where(repeats > 0.0, active * rng.beta(np.maximum(repeats, 1.0), 1.0), 0.0)
    orders = repeats + 1.0
    mean = rng.gamma(P * orders) / (orders * rng.gamma(Q, 1.0 / V, customers))
    return orders, tenure - np.floor(last), tenure, mean


def main() -> None:
    """Print one line per model."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else CUSTOMERS
    orders, recency, tenure, mean = simulate(customers)
    histories = Histories.from_days(orders, recency, tenure)
    fits: dict[str, Callable[[], Fitted]] = {
        "BG/NBD": lambda: BetaGeometric.fit(histories, first_exit=False),
        "MBG/NBD": lambda: BetaGeometric.fit(histories, first_exit=True),
        "Pareto/NBD": lambda: ParetoNbd.fit(histories),
        "Gamma-Gamma": lambda: GammaGamma.fit(orders, mean),
    }
    title = f"Maximum likelihood on {customers:,} customers, simulated from Pareto/NBD"
    table = Table(title=title, title_justify="left")
    table.add_column("model")
    table.add_column("seconds", justify="right")
    table.add_column("parameters")
    for name, fit in fits.items():
        started = time.perf_counter()
        parameters = fit().to_dict()
        seconds = time.perf_counter() - started
        numbers = {key: value for key, value in parameters.items() if not isinstance(value, bool)}
        told = ", ".join(f"{key} {value:.3f}" for key, value in numbers.items())
        table.add_row(name, f"{seconds:.1f}", told)
    Console(highlight=False, width=110).print(table)


if __name__ == "__main__":
    main()
