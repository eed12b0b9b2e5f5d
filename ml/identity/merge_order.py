"""Edges in the order of their dates -> who is one person since when.

Nodes are numbered by age, the oldest is 0, so the oldest member of a group has its least number.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
FEW = 200  # edges


@dataclass(frozen=True)
class MergeTree:
    """For each node the older one that it was merged into (itself: none), and on which day."""

    into: Ints
    day: Ints


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Label of each node: the oldest node that edges lead to."""
    if len(left) <= FEW:
        return _components_of_few(size, left.tolist(), right.tolist())
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    count, labels = connected_components(graph, directed=False)
    oldest = np.empty(count, np.int64)
    oldest[labels[::-1]] = np.arange(size - 1, -1, -1)  # the last one written is the least
    return np.asarray(oldest[labels], np.int64)


def _components_of_few(size: int, left: list[int], right: list[int]) -> Ints:
    """The same by union-find: setting up a sparse matrix costs more than a few edges do."""
    label = np.arange(size)
    parent: dict[int, int] = {}

    def oldest(node: int) -> int:
        while node in parent:
            node = parent[node]
        return node

    for a, b in zip(left, right, strict=True):
        older, younger = sorted((oldest(a), oldest(b)))
        if older != younger:
            parent[younger] = older
    for node in parent:
        label[node] = oldest(node)
    return label


def merge_in_order(size: int, left: Ints, right: Ints, day: Ints) -> MergeTree:
    """Merge day by day; of two groups the one with the oldest node goes on.

    All edges of a day are one step, so the order within a day does not matter. A node is merged
    at most once, into the oldest node of its group of that day: chains of `into` are the
    customers that a node has belonged to, one after the other.
    """
    into, when = np.arange(size), np.full(size, -1, np.int64)
    root = np.arange(size)
    order = np.argsort(day, kind="stable")
    left, right, day = left[order], right[order], day[order]
    starts = np.flatnonzero(np.r_[True, day[1:] != day[:-1]]) if len(day) else np.array([], int)
    for begin, end in zip(starts, np.r_[starts[1:], len(day)], strict=False):
        ends = np.r_[_roots(root, left[begin:end]), _roots(root, right[begin:end])]
        active, position = np.unique(ends, return_inverse=True)
        half = end - begin
        group = components(len(active), position[:half], position[half:])
        target = active[group]
        moved = target != active
        into[active[moved]] = target[moved]
        when[active[moved]] = day[begin]
        root[active[moved]] = target[moved]
    return MergeTree(into, when)


def _roots(root: Ints, nodes: Ints) -> Ints:
    """The oldest node of each one's group so far; paths are shortened on the way."""
    found = root[nodes]
    while True:
        further = root[found]
        if np.array_equal(further, found):
            root[nodes] = found
            return found
        found = further
