"""Weak identifiers follow: each belongs to one stronger identifier at a time, the first to come.

A browser, a device or the mailbox of a desk can so never make two people one.
"""

import numpy as np
import numpy.typing as npt

from ml.identity.merge_order import Ints


def choose_leaders(
    left: Ints, right: Ints, day: Ints, priority: Ints, follows: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Which edges have a follower, and which of those are its first to a stronger identifier.

    Of several on the same day the strongest, then the oldest leads.
    """
    weak = follows[left] | follows[right]
    chosen = np.zeros(len(left), bool)
    index = np.flatnonzero(weak)
    a, b = left[index], right[index]
    # the follower of two followers is the weaker one; of equals the younger
    rank_a = follows[a].astype(np.int64) * 100 + priority[a]
    rank_b = follows[b].astype(np.int64) * 100 + priority[b]
    a_follows = (rank_a > rank_b) | ((rank_a == rank_b) & (a > b))
    follower, leader = np.where(a_follows, a, b), np.where(a_follows, b, a)
    order = np.lexsort((leader, priority[leader], day[index], follower))
    _, first = np.unique(follower[order], return_index=True)
    chosen[index[order[first]]] = True
    return weak, chosen
