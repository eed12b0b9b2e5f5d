"""A resolution as the rows of the published tables."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from ml.identity.evidence import EPOCH, Edges, Nodes
from ml.identity.merge_order import Ints
from ml.identity.resolve import Resolution

HashTexts = Callable[[pa.Array], pa.Array]
OWN, BLOCKED = "own", "blocked"


def customer_ids(nodes: Nodes, hash_texts: HashTexts) -> "pd.Series":
    """The customer_id that each node would give, were it the oldest of its customer."""
    ids = hash_texts(pa.array(nodes.frame["identity_id"], pa.string()))
    return pd.Series(ids.to_pandas().to_numpy(), index=nodes.frame.index)


def dates_of(days: Ints) -> "pd.Series":
    """Days since 1970 as dates; -1 is none."""
    dates = pd.Series(EPOCH + days.astype("timedelta64[D]"))
    return dates.astype("datetime64[s]").where(days >= 0, pd.NaT)


def identity_rows(
    nodes: Nodes, edges: Edges, resolution: Resolution, ids: "pd.Series"
) -> pd.DataFrame:
    """Rows of identity.customer_identities.

    rule and confidence are those of the first edge by which the identifier came to a customer. A
    blocked identifier is nobody's: its row ends on the day it begins, so it holds at no date.
    """
    spans = resolution.intervals
    node, customer = spans["node"].to_numpy(), spans["customer"].to_numpy()
    rule, confidence = _first_rule(nodes, edges, resolution)
    frame = nodes.frame
    blocked = frame["is_blocked"].to_numpy(bool)
    is_own = node == customer
    day_to = np.where(blocked[node], spans["day_from"], spans["day_to"])
    rows = frame.loc[node, ["source_system", "identifier_type", "identifier", "identity_id"]]
    return rows.reset_index(drop=True).assign(
        customer_id=ids.to_numpy()[customer],
        rule=np.where(blocked[node], BLOCKED, np.where(is_own, OWN, rule[node])),
        confidence=np.where(blocked[node], 0.0, np.where(is_own, 1.0, confidence[node])),
        valid_from=dates_of(spans["day_from"].to_numpy()),
        valid_to=dates_of(day_to),
    )


def edge_rows(nodes: Nodes, edges: Edges, resolution: Resolution) -> pd.DataFrame:
    """Rows of identity.identity_edges; an accepted include of a person is `manual`."""
    ids = nodes.frame["identity_id"].to_numpy()
    accepted = resolution.status == "accepted"
    return pd.DataFrame(
        {
            "identity_id": ids[edges.left],
            "other_identity_id": ids[edges.right],
            "rule": edges.rule,
            "evidence": edges.evidence,
            "confidence": edges.confidence,
            "status": np.where(accepted & edges.certain, "manual", resolution.status),
            "reason": pd.Series(resolution.reason, dtype=object).replace("", None),
            "valid_from": dates_of(edges.day),
            "valid_to": dates_of(resolution.ended),
        }
    )


def merge_rows(identities: pd.DataFrame) -> pd.DataFrame:
    """Rows of identity.customer_merges, read off the intervals of customers' oldest identities.

    Where the identity that gave a customer its id moves to another customer, the first was merged
    into the second; where an identity returns to an id of its own, it was split off.
    """
    order = identities[identities["rule"] != BLOCKED].sort_values(["identity_id", "valid_from"])
    before = order.groupby("identity_id")["customer_id"].shift()
    own = order["own_customer_id"]
    merged = order[before.notna() & (before == own) & (order["customer_id"] != own)]
    split = order[before.notna() & (before != own) & (order["customer_id"] == own)]
    pieces = [
        pd.DataFrame(
            {
                "customer_id": merged["own_customer_id"],
                "into_customer_id": merged["customer_id"],
                "event_type": "merge",
                "event_date": merged["valid_from"],
                "rule": merged["rule"],
            }
        ),
        pd.DataFrame(
            {
                "customer_id": before[split.index],
                "into_customer_id": split["customer_id"],
                "event_type": "split",
                "event_date": split["valid_from"],
                "rule": "override",
            }
        ),
    ]
    return pd.concat(pieces, ignore_index=True)


def _first_rule(
    nodes: Nodes, edges: Edges, resolution: Resolution
) -> tuple["np.ndarray", "np.ndarray"]:
    rule = np.full(len(nodes.frame), OWN, object)
    confidence = np.ones(len(nodes.frame))
    accepted = np.flatnonzero(resolution.status == "accepted")
    ends = np.r_[edges.left[accepted], edges.right[accepted]]
    others = np.r_[edges.right[accepted], edges.left[accepted]]
    edge = np.r_[accepted, accepted]
    order = np.lexsort((others, nodes.priority[others], edges.day[edge], ends))
    node, first = np.unique(ends[order], return_index=True)
    rule[node] = edges.rule[edge[order[first]]]
    confidence[node] = edges.confidence[edge[order[first]]]
    return rule, confidence
