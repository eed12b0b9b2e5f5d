"""Exact Shapley values of a function of a few inputs, for many rows at once.

Shapley (1953), "A value for n-person games": an input's part is the mean, over all orders in which
the inputs could turn from a reference to the row's own value, of what its turn changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import comb

import numpy as np
import pandas as pd

from ml.frames import Floats


def coalition_values(
    function: Callable[..., Floats], rows: Floats, reference: Floats
) -> list[Floats]:
    """The function with every set of inputs taken from the rows, the others from the reference.

    function(*columns) -> (m,), row by row. rows: (n, k); reference: (k,). Returns 2^k arrays (n,);
    bit i of a position says that input i is the row's own. Equal rows are computed once, so that
    the many sets of one or two inputs cost little.
    """
    codes = [pd.factorize(column) for column in rows.T]
    values = []
    for mask in range(2 ** rows.shape[1]):
        own = [bool(mask >> i & 1) for i in range(rows.shape[1])]
        key = np.zeros(len(rows), dtype=np.int64)
        for (code, found), is_own in zip(codes, own, strict=True):
            if is_own:
                key = key * len(found) + code
        group, found = pd.factorize(key)
        first = np.empty(len(found), dtype=np.intp)
        first[group[::-1]] = np.arange(len(rows))[::-1]
        columns = [
            rows[first, i] if is_own else np.full(len(first), reference[i])
            for i, is_own in enumerate(own)
        ]
        values.append(function(*columns)[group])
    return values


def shapley_values(values: Sequence[Floats]) -> Floats:
    """Parts of shape (n, k), from `coalition_values`; with values[0] they sum to values[-1]."""
    count = (len(values) - 1).bit_length()
    parts = np.zeros((len(values[0]), count))
    for mask in range(len(values)):
        others = mask.bit_count()
        for i in range(count):
            if not mask >> i & 1:
                weight = 1.0 / (count * comb(count - 1, others))
                parts[:, i] += weight * (values[mask | 1 << i] - values[mask])
    return parts
