"""How the resolution looks from outside: sizes, bridges, limits. No identifier is told."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ml.identity.merge_order import components

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


def audit(identities: pd.DataFrame, edges: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    """Rows of identity.identity_audit: metric, value.

    identities: identity_id, identifier_type, customer_id, rule of the rows that hold today.
    edges: identity_id, other_identity_id, rule, status, reason. merges: event_type.
    """
    known = identities[identities["rule"] != "blocked"]
    metrics: dict[str, float] = {
        "identifiers": len(known),
        "customers": known["customer_id"].nunique(),
    }
    metrics |= _sizes("customer_identifiers", known)
    metrics |= _sizes("emails_per_customer", known[known["identifier_type"] == "email"])
    records = known[known["identifier_type"] == "source_customer_id"]
    metrics |= _sizes("records_per_customer", records)
    metrics["blocked_identifiers"] = int((identities["rule"] == "blocked").sum())
    for status, count in edges["status"].value_counts().items():
        metrics[f"edges_{status}"] = count
    refused = edges[edges["status"] == "rejected"]
    metrics["blocked_hits"] = int((refused["reason"] == "blocked").sum())
    metrics["size_hits"] = int((refused["reason"] == "size").sum())
    limited = refused[refused["reason"].fillna("").str.startswith("limit")]
    for rule, count in limited["rule"].value_counts().items():
        metrics[f"limit_hits_{rule}"] = count
    metrics["review_candidates"] = int((edges["status"] == "review").sum())
    for event in ("merge", "split"):
        metrics[f"customer_{event}s"] = int((merges["event_type"] == event).sum())
    metrics["bridges"] = bridges(edges)
    rows = [(name, float(value)) for name, value in sorted(metrics.items())]
    return pd.DataFrame(rows, columns=["metric", "value"])


def bridges(edges: pd.DataFrame) -> int:
    """Edges on which alone a customer of four identifiers or more hangs together.

    Counted where an end has other edges on both sides: a leaf is no bridge.
    """
    holding = edges[edges["status"].isin(["accepted", "manual"])]
    code, _ = pd.factorize(pd.concat([holding["identity_id"], holding["other_identity_id"]]))
    if len(code) == 0:
        return 0
    left, right = np.split(code, 2)
    pair = pd.DataFrame({"a": np.minimum(left, right), "b": np.maximum(left, right)})
    pair = pair.drop_duplicates()
    return _count_bridges(pair["a"].to_numpy(), pair["b"].to_numpy(), int(code.max()) + 1)


def _count_bridges(left: np.ndarray, right: np.ndarray, size: int) -> int:
    """Bridges between two cores: leaves are stripped first, then trees that hold two cores."""
    keep = np.ones(len(left), bool)
    while True:
        degree = np.bincount(np.r_[left[keep], right[keep]], minlength=size)
        leaf = keep & ((degree[left] == 1) | (degree[right] == 1))
        if not leaf.any():
            break
        keep &= ~leaf
    left, right = left[keep], right[keep]
    if len(left) == 0:
        return 0
    label = components(size, left, right)
    nodes = np.bincount(label[np.unique(np.r_[left, right])], minlength=size)
    lines = np.bincount(label[left], minlength=size)
    # Only a group with a cycle to spare on either side can hold a bridge: two cycles or more.
    suspect = np.flatnonzero(lines - nodes >= 1)
    inside = np.isin(label[left], suspect)
    return _tarjan(left[inside].tolist(), right[inside].tolist())


def _tarjan(left: list[int], right: list[int]) -> int:
    """Tarjan's bridge finding, without recursion."""
    around: dict[int, list[tuple[int, int]]] = {}
    for edge, (a, b) in enumerate(zip(left, right, strict=True)):
        around.setdefault(a, []).append((b, edge))
        around.setdefault(b, []).append((a, edge))
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    found = 0
    for start in around:
        if start in order:
            continue
        order[start] = low[start] = len(order)
        stack = [(start, -1, iter(around[start]))]
        while stack:
            node, came, rest = stack[-1]
            for other, edge in rest:
                if edge == came:
                    continue
                if other in order:
                    low[node] = min(low[node], order[other])
                    continue
                order[other] = low[other] = len(order)
                stack.append((other, edge, iter(around[other])))
                break
            else:
                stack.pop()
                if stack:
                    parent = stack[-1][0]
                    low[parent] = min(low[parent], low[node])
                    found += low[node] > order[parent]
    return found


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


def _sizes(name: str, identities: pd.DataFrame) -> dict[str, float]:
    counts = identities["customer_id"].value_counts()
    if counts.empty:
        return {}
    found = {f"{name}_{q}": float(counts.quantile(at, "higher")) for q, at in QUANTILES.items()}
    return found | {f"{name}_max": float(counts.max())}
