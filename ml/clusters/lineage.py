"""Which new cluster is which old one: ids live on, split, merge, die or are born.

Clusters are matched one to one so that most customers keep theirs (Hungarian method on the counts
in common); whether a match is a life or only a remainder follows MONIC (Spiliopoulou et al. 2006):
half of the one must be in the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ml.frames import Floats

# A cluster lives on in another when at least this share of the one lies in the other.
SAME = 0.5
EVENTS = ("lived", "born", "split", "merged", "died")
LINEAGE_COLUMNS = [
    "clustering",
    "trained_as_of",
    "model_version",
    "previous_version",
    "cluster_id",
    "lineage_event",
    "related_cluster_id",
    "shared_customer_count",
    "shared_customer_rate",
]


@dataclass(frozen=True)
class Lineage:
    """new_ids: id of every new cluster, in its order; last_id: the highest number given so far.

    events: rows of (cluster_id, event, related_cluster_id, shared customers, their share of
    cluster_id's customers).
    """

    new_ids: tuple[str, ...]
    last_id: int
    events: tuple[tuple[str, str, str | None, int, float], ...]


def first_ids(size: int) -> Lineage:
    """Ids c1, c2, ... of clusters that have no forebears; all of them are born."""
    ids = tuple(f"c{number}" for number in range(1, size + 1))
    return Lineage(ids, size, tuple((name, "born", None, 0, 0.0) for name in ids))


def match_clusters(
    old: NDArray[np.intp],
    new: NDArray[np.intp],
    old_ids: Sequence[str],
    new_size: int,
    last_id: int,
) -> Lineage:
    """Match clusters by the customers they have in common.

    old, new: (n,) the cluster of the same customers, by place in old_ids and 0..new_size - 1.
    last_id: the highest number given so far; numbers of dead clusters are not given again.
    """
    counts = np.zeros((len(old_ids), new_size), dtype=np.int64)
    np.add.at(counts, (old, new), 1)
    with np.errstate(invalid="ignore"):
        out = np.nan_to_num(counts / counts.sum(axis=1, keepdims=True))
        into = np.nan_to_num(counts / counts.sum(axis=0, keepdims=True))
    pairs = zip(*linear_sum_assignment(-counts), strict=True)
    heirs = {int(n): int(o) for o, n in pairs if max(out[o, n], into[o, n]) >= SAME}
    ids: list[str] = []
    for number in range(new_size):
        if number not in heirs:
            last_id += 1
        ids.append(old_ids[heirs[number]] if number in heirs else f"c{last_id}")
    events = _of_new(counts, into, heirs, old_ids, ids) + _of_gone(counts, out, heirs, old_ids, ids)
    return Lineage(tuple(ids), last_id, tuple(events))


def _of_new(
    counts: NDArray[np.int64],
    into: Floats,
    heirs: dict[int, int],
    old_ids: Sequence[str],
    ids: list[str],
) -> list[tuple[str, str, str | None, int, float]]:
    """Every new cluster lives on, was split off another, or was born."""
    events = []
    for number, name in enumerate(ids):
        source = heirs.get(number, int(into[:, number].argmax()))
        share = float(into[source, number])
        if number in heirs:
            event, related = "lived", str(old_ids[source])
        elif share >= SAME:
            event, related = "split", str(old_ids[source])
        else:
            event, related = "born", None
        shared = int(counts[source, number])
        events.append((name, event, related, shared, share))
    return events


def _of_gone(
    counts: NDArray[np.int64],
    out: Floats,
    heirs: dict[int, int],
    old_ids: Sequence[str],
    ids: list[str],
) -> list[tuple[str, str, str | None, int, float]]:
    """Every old cluster that does not live on was merged into another, or died."""
    events = []
    for number, name in enumerate(old_ids):
        if number in heirs.values():
            continue
        goal = int(out[number].argmax())
        share = float(out[number, goal])
        event, related = ("merged", ids[goal]) if share >= SAME else ("died", None)
        events.append((str(name), event, related, int(counts[number, goal]), share))
    return events


def lineage_rows(
    lineage: Lineage,
    clustering: str,
    trained_as_of: object,
    model_version: str,
    previous_version: str | None,
) -> pd.DataFrame:
    """Rows of models.cluster_lineage for one version."""
    rows = [
        (clustering, trained_as_of, model_version, previous_version, *event)
        for event in lineage.events
    ]
    return pd.DataFrame(rows, columns=LINEAGE_COLUMNS)
