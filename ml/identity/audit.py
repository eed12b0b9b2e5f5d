"""How the resolution looks from outside: sizes, bridges, limits. No identifier is told."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from ml.identity.merge_order import Ints, components

SEED = 7
QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def audit(
    sizes: pd.DataFrame,
    edges: pd.DataFrame,
    merges: Mapping[str, int],
    counts: Mapping[str, int],
    doubtful: tuple[Ints, Ints],
) -> pd.DataFrame:
    """Rows of identity.identity_audit: metric, value.

    sizes: how many `customers` have so many `identifiers`, `emails` and `records`. edges: how many
    (`edges`) of each rule, status and reason. merges: event_type -> events. counts: metrics that
    are known already.
    doubtful: both ends of each edge that holds in customers that may have a bridge.
    """
    metrics: dict[str, float] = {
        "identifiers": (sizes["identifiers"] * sizes["customers"]).sum(),
        "customers": sizes["customers"].sum(),
        **counts,
        "bridges": bridges(*doubtful),
    }
    metrics |= _quantiles("customer_identifiers", sizes["identifiers"], sizes["customers"])
    metrics |= _quantiles("emails_per_customer", sizes["emails"], sizes["customers"])
    metrics |= _quantiles("records_per_customer", sizes["records"], sizes["customers"])
    for status, count in edges.groupby("status")["edges"].sum().items():
        metrics[f"edges_{status}"] = count
    refused = edges[edges["status"] == "rejected"]
    metrics["blocked_hits"] = refused.loc[refused["reason"] == "blocked", "edges"].sum()
    metrics["size_hits"] = refused.loc[refused["reason"] == "size", "edges"].sum()
    limited = refused[refused["reason"].fillna("").str.startswith("limit")]
    for rule, count in limited.groupby("rule")["edges"].sum().items():
        metrics[f"limit_hits_{rule}"] = count
    for event in ("merge", "split"):
        metrics[f"customer_{event}s"] = merges.get(event, 0)
    rows = [(name, float(value)) for name, value in sorted(metrics.items())]
    return pd.DataFrame(rows, columns=["metric", "value"])


def bridges(left: Ints, right: Ints) -> int:
    """Edges on which alone two parts of a customer hang together that are more than a branch.

    Branches are stripped first: a bridge has cycles on either side. Every edge outside a spanning
    forest closes one cycle and gets a random number; an edge of the forest under which they
    cancel out lies on no cycle.
    """
    code = np.unique(np.r_[left, right], return_inverse=True)[1].reshape(2, -1)
    size = int(code.max(initial=-1)) + 1
    pairs = np.stack(np.divmod(np.unique(code.min(axis=0) * size + code.max(axis=0)), max(size, 1)))
    while pairs.size:
        degree = np.bincount(pairs.ravel(), minlength=size)
        leaf = (degree[pairs] == 1).any(axis=0)
        if not leaf.any():
            break
        pairs = pairs[:, ~leaf]
    if not pairs.size:
        return 0
    above, depth = _forest(pairs, size)
    closes = (above[pairs[0]] != pairs[1]) & (above[pairs[1]] != pairs[0])
    drawn = np.random.default_rng(SEED).integers(1, 2**63, int(closes.sum()))
    under = np.zeros(size + 1, np.int64)
    for end in pairs[:, closes]:
        np.bitwise_xor.at(under, end, drawn)
    for level in range(int(depth.max()), 1, -1):
        nodes = np.flatnonzero(depth == level)
        np.bitwise_xor.at(under, above[nodes], under[nodes])
    return int(((depth > 1) & (under[:size] == 0)).sum())


def _forest(pairs: Ints, size: int) -> tuple[Ints, Ints]:
    """The node above each, and how deep it lies: 1 is a root (under a node that stands for all),
    0 a node without edges."""
    label = components(size, pairs[0], pairs[1])
    roots = np.unique(label[pairs])
    left, right = np.r_[pairs[0], roots], np.r_[pairs[1], np.full(len(roots), size)]
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size + 1, size + 1))
    _, above = breadth_first_order(graph.tocsr(), size, directed=False)
    depth = np.zeros(size, np.int64)
    node = np.where(above[:size] < 0, size, np.arange(size))
    while (node != size).any():
        depth += node != size
        node = np.where(node != size, above[node], size)
    return np.asarray(above, np.int64), depth


def over_budget(metrics: Mapping[str, float], budget: Mapping[str, float]) -> list[str]:
    """What passes the over-merge budget, in words; empty is good."""
    measured = {
        "largest_customer_identifiers": metrics.get("customer_identifiers_max", 0),
        "emails_per_customer_p999": metrics.get("emails_per_customer_p999", 0),
        "records_per_customer_p999": metrics.get("records_per_customer_p999", 0),
    }
    return [
        f"{name} is {measured[name]:g}, at most {limit:g} are allowed (data_contracts/identity/"
        "rules.yaml, over_merge_budget): look at identity.identity_edges of the largest customers"
        for name, limit in budget.items()
        if measured[name] > limit
    ]


def _quantiles(name: str, sizes: "pd.Series", customers: "pd.Series") -> dict[str, float]:
    """Of the customers that have one at all; the first size that a share of them does not pass."""
    counts = customers[sizes > 0].groupby(sizes).sum().sort_index()
    if counts.empty:
        return {}
    reached = counts.cumsum().to_numpy() - 1
    ranks = {q: math.ceil(at * reached[-1]) for q, at in QUANTILES.items()}
    found = {f"{name}_{q}": counts.index[np.searchsorted(reached, r)] for q, r in ranks.items()}
    return {metric: float(size) for metric, size in found.items()} | {
        f"{name}_max": float(counts.index[-1])
    }
