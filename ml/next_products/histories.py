"""Who bought (or looked at) what on which day, and what that says of each customer's own items.

An item is a product or a category: all of this is the same for both. Reading tables is not here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Codes = NDArray[np.int32]
Floats = NDArray[np.float32]
Matrix: TypeAlias = sparse.csr_array

# TIFU-kNN (Hu et al., SIGIR 2020), section 4: baskets in groups, decayed within and between them.
GROUPS, WITHIN_DECAY, BETWEEN_DECAY = 7, 0.9, 0.7


@dataclass(frozen=True)
class History:
    """Distinct rows (customer, item, day), ordered by customer, day and item.

    All that one customer bought on one day is one basket. customer, item: codes from 0; day: days
    since any fixed date. Made by `make_history`.
    """

    customer: Codes
    item: Codes
    day: Codes
    customer_count: int
    item_count: int

    def before(self, day: int) -> History:
        """The rows before a day."""
        return self.where(self.day < day)

    def between(self, first: int, end: int) -> History:
        """The rows from day `first` on and before day `end`."""
        return self.where((self.day >= first) & (self.day < end))

    def where(self, mask: NDArray[np.bool_]) -> History:
        """The rows that `mask` keeps, of the same customers and items."""
        return replace(self, customer=self.customer[mask], item=self.item[mask], day=self.day[mask])

    def first_customers(self, count: int) -> History:
        """The rows of the customers with codes below `count`."""
        kept = self.where(self.customer < count)
        return replace(kept, customer_count=min(count, self.customer_count))

    def weighted(self, weights: NDArray[Any]) -> Matrix:
        """Customers x items: the sum of one weight per row."""
        entries = (weights.astype(np.float32), (self.customer, self.item))
        shape = (self.customer_count, self.item_count)
        return sparse.csr_array(sparse.coo_array(entries, shape=shape))

    def counts(self) -> Matrix:
        """Customers x items: on how many days."""
        return self.weighted(np.ones(len(self.day)))


def distinct(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The different keys, ascending. numpy.unique hashes whole numbers: ten times as slow here."""
    ordered = np.sort(keys)
    is_first = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def make_history(
    customer: NDArray[Any],
    item: NDArray[Any],
    day: NDArray[Any],
    customer_count: int,
    item_count: int,
) -> History:
    """The history of these rows, whatever their order; repeated rows count once."""
    # One number per row is sorted faster than three columns are.
    first = int(day.min()) if len(day) else 0
    days, width = (int(day.max()) - first + 1 if len(day) else 1), max(item_count, 1)
    keys = (customer.astype(np.int64) * days + (day.astype(np.int64) - first)) * width + item
    keys, items = np.divmod(distinct(keys), width)
    customers, days_since = np.divmod(keys, days)
    return History(
        customers.astype(np.int32),
        items.astype(np.int32),
        (days_since + first).astype(np.int32),
        customer_count,
        item_count,
    )


@dataclass(frozen=True)
class Baskets:
    """Per row of a history: its basket's place among the customer's, 0 = oldest, and how many
    there are. Per customer: the number of baskets, and the days of the first and the last one
    (0 without any)."""

    place: NDArray[np.int64]
    of: NDArray[np.int64]
    count: NDArray[np.int64]
    first_day: NDArray[np.int64]
    last_day: NDArray[np.int64]


def baskets(history: History) -> Baskets:
    """The baskets of a history."""
    is_new = np.ones(len(history.day), dtype=bool)
    is_new[1:] = (np.diff(history.customer) != 0) | (np.diff(history.day) != 0)
    owners, days = history.customer[is_new], history.day[is_new].astype(np.int64)
    count = np.bincount(owners, minlength=history.customer_count)
    ends = np.cumsum(count)
    has = count > 0
    first_day, last_day = np.zeros((2, history.customer_count), dtype=np.int64)
    first_day[has] = days[(ends - count)[has]]
    last_day[has] = days[ends[has] - 1]
    place = np.cumsum(is_new) - 1 - (ends - count)[history.customer]
    return Baskets(place, count[history.customer], count, first_day, last_day)


def tifu_weights(own: Baskets) -> NDArray[np.float64]:
    """Per row of a history what it adds to its item in its customer's vector of TIFU-kNN.

    The baskets in order of time fall into at most GROUPS nearly equal groups. A group's vector is
    the mean of its baskets, each step back weighing WITHIN_DECAY; the customer's is the mean of
    the groups, each step back weighing BETWEEN_DECAY.
    """
    groups = np.minimum(own.of, GROUPS)
    group = own.place * groups // own.of
    first = -(-group * own.of // groups)
    end = -(-(group + 1) * own.of // groups)
    within = WITHIN_DECAY ** (end - 1 - own.place) / (end - first)
    between = BETWEEN_DECAY ** (groups - 1 - group) / groups
    return np.asarray(within * between)


def tifu_vectors(history: History) -> Matrix:
    """Customers x items: each customer's own vector of TIFU-kNN."""
    return history.weighted(tifu_weights(baskets(history)))


@dataclass(frozen=True)
class OwnItems:
    """The distinct pairs of customer and item of a history, ordered by both. pair: per row of the
    history, the place of its pair."""

    history: History
    customer: NDArray[np.int64]
    item: NDArray[np.int64]
    pair: NDArray[np.int64]

    def total(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """Per pair the sum of one weight per row."""
        total = np.bincount(self.pair, weights=weights, minlength=len(self.item))
        return np.asarray(total, dtype=np.float64)

    def last(self, values: NDArray[Any]) -> NDArray[Any]:
        """Per pair the value of its last row in time."""
        found = np.zeros(len(self.item), dtype=values.dtype)
        found[self.pair] = values
        return found

    def first(self, values: NDArray[Any]) -> NDArray[Any]:
        """Per pair the value of its first row in time."""
        found = np.zeros(len(self.item), dtype=values.dtype)
        found[self.pair[::-1]] = values[::-1]
        return found


def own_items(history: History) -> OwnItems:
    """The distinct pairs of a history."""
    width = max(history.item_count, 1)
    keys = history.customer.astype(np.int64) * width + history.item
    distinct, pair = np.unique(keys, return_inverse=True)
    return OwnItems(history, distinct // width, distinct % width, pair)


def at_pairs(matrix: Matrix, rows: NDArray[Any], columns: NDArray[Any]) -> Floats:
    """The values of a sparse matrix at pairs of row and column, zero where it has none."""
    entry_rows, entry_columns = coordinates(matrix)
    keys = entry_rows * matrix.shape[1] + entry_columns
    wanted = rows.astype(np.int64) * matrix.shape[1] + columns
    place = np.searchsorted(keys, wanted)
    found = np.zeros(len(wanted), dtype=np.float32)
    there = place < len(keys)
    there[there] = keys[place[there]] == wanted[there]
    found[there] = matrix.data[place[there]]
    return found


def coordinates(matrix: Matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of every entry, in order of both; the matrix's own entries are put in it."""
    matrix.sum_duplicates()
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return rows, matrix.indices.astype(np.int64)
