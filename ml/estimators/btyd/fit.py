"""Order histories, and maximum likelihood over them: what every buy-till-you-die model shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Protocol, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize

from ml.frames import Floats

DAYS_PER_WEEK = 7.0
HALF_DAY = 0.5
# Parameters are searched as logarithms; e^-9 to e^12 leaves room for every real population, and
# a likelihood that is flat towards infinity stops there.
LOG_RANGE = (-9.0, 12.0)
# The search starts on so many different histories, and ends on all of them.
FIRST_LOOK = 20_000
MAX_STEPS = 500


class Sample(Protocol):
    """Rows with weights, of which some can be taken."""

    @property
    def weight(self) -> Floats:
        """Weights, shape (n,)."""

    def __len__(self) -> int:
        """Number of rows."""

    def take(self, rows: slice) -> Self:
        """Some of the rows."""


class BtydError(ValueError):
    """Order histories from which a model cannot be learned; the message says why."""


@dataclass(frozen=True)
class Histories:
    """What buy-till-you-die models know of customers, in weeks; all of shape (n,).

    repeats: orders after the first. last: from the first order to the last. age: from the first
    order to now. weight: how many customers have this history.
    """

    repeats: Floats
    last: Floats
    age: Floats
    weight: Floats

    @classmethod
    def from_days(cls, orders: Floats, recency: Floats, tenure: Floats) -> Histories:
        """From order counts (>= 1) and whole days since the last and since the first order.

        Now is the beginning of a day; the first order came in the course of its own, on average
        half a day later than its date says.
        """
        repeats = np.maximum(orders - 1.0, 0.0)
        age = np.maximum(tenure - HALF_DAY, 0.0) / DAYS_PER_WEEK
        last = np.clip((tenure - recency) / DAYS_PER_WEEK, 0.0, age)
        return cls(repeats, np.where(repeats > 0.0, last, 0.0), age, np.ones(len(age)))

    def __len__(self) -> int:
        return len(self.weight)

    @cached_property
    def counts(self) -> tuple[Floats, NDArray[np.intp]]:
        """The different numbers of repeats, and the position among them of every history."""
        counts, index = np.unique(self.repeats, return_inverse=True)
        return counts, index

    def take(self, rows: slice) -> Histories:
        """Some of the rows."""
        return Histories(*(getattr(self, part.name)[rows] for part in fields(self)))

    def grouped(self) -> Histories:
        """Equal histories once, with their summed weight, in a fixed order."""
        frame = pd.DataFrame({part.name: getattr(self, part.name) for part in fields(self)})
        keys = ["repeats", "last", "age"]
        counted = frame.groupby(keys, sort=True, as_index=False)["weight"].sum()
        return Histories(*(counted[part.name].to_numpy() for part in fields(self)))


def check_histories(histories: Histories) -> None:
    """Raise BtydError where no rate of coming back can be learned."""
    parts = (histories.repeats, histories.last, histories.age)
    if not len(histories):
        raise BtydError("no customer has an order")
    if not all(np.isfinite(part).all() for part in parts):
        raise BtydError("an order history has a value that is missing or infinite")
    if (histories.repeats < 0.0).any() or (histories.last > histories.age).any():
        raise BtydError("an order history ends before it begins")
    if not (histories.repeats > 0.0).any():
        raise BtydError("nobody ordered twice: nothing tells how often customers come back")
    if not (histories.age > 0.0).any():
        raise BtydError("all first orders were today: nothing tells how long customers stay")


Rows = TypeVar("Rows", bound=Sample)


def maximise(
    log_likelihood: Callable[[Floats, Rows], tuple[float, Floats]], start: Floats, rows: Rows
) -> Floats:
    """The positive parameters, shape (k,), with the greatest likelihood of the rows.

    log_likelihood(parameters, rows) -> weighted sum over the rows and its gradient, shape (k,).
    Quasi-Newton steps on the logarithms, on evenly spread rows before on all of them.
    """
    step = -(-len(rows) // FIRST_LOOK)
    found = np.log(start)
    for part in [rows] if step == 1 else [rows.take(slice(None, None, step)), rows]:
        found = _climb(log_likelihood, found, part)
    return np.exp(found)


def _climb(
    log_likelihood: Callable[[Floats, Rows], tuple[float, Floats]], start: Floats, rows: Rows
) -> Floats:
    total = float(rows.weight.sum())

    def loss(logarithms: Floats) -> tuple[float, Floats]:
        parameters = np.exp(logarithms)
        value, gradient = log_likelihood(parameters, rows)
        return -value / total, -gradient * parameters / total

    result = minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[LOG_RANGE] * len(start),
        options={"maxiter": MAX_STEPS, "ftol": 1e-13, "gtol": 1e-8},
    )
    if not np.isfinite(result.fun):
        raise BtydError("the likelihood of these order histories cannot be computed")
    return np.asarray(result.x)
