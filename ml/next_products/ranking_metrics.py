"""How good a ranking of items is: recall and NDCG of the first ten, per customer."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TOP = 10


def rank_pairs(
    customer: NDArray[np.int64], item: NDArray[np.int64], scores: NDArray[Any]
) -> NDArray[np.int64]:
    """Per pair its rank within its customer from 1, highest score first, equal ones by item."""
    if len(item) == 0:
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((item, -scores.astype(np.float64), customer))
    ordered = customer[order]
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) != 0]))
    sizes = np.diff(np.concatenate([starts, [len(ordered)]]))
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    return ranks


def ranking_figures(
    customer: NDArray[np.int64],
    rank: NDArray[np.int64],
    is_bought: NDArray[np.bool_],
    bought_count: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and NDCG of the first TOP, one each per customer who bought something.

    bought_count: per customer code, how many items it bought of those to be found, whether or not
    they are among the pairs. Customers with none are left out.
    """
    gains = 1.0 / np.log2(np.arange(2, TOP + 2))
    hit = is_bought & (rank <= TOP)
    size = len(bought_count)
    hits = np.bincount(customer[hit], minlength=size)
    gained = np.bincount(customer[hit], weights=gains[rank[hit] - 1], minlength=size)
    evaluated = bought_count > 0
    wanted = bought_count[evaluated]
    best = np.cumsum(gains)[np.minimum(wanted, TOP) - 1]
    return hits[evaluated] / wanted, gained[evaluated] / best
