"""Evidence -> which edges hold, and which customer each identifier belongs to from when to when.

The answer is a function of the evidence alone: not of its order, nor of how often it was given,
nor of the runs in which it came. Groups that share no edge never influence each other, so a run
may resolve only the groups that new evidence touches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_contracts.definitions.given_names import NameTable
from data_contracts.definitions.identity_rules import Rules
from ml.identity.edge_decisions import MATCH, contradicting, judge_edges
from ml.identity.evidence import Edges, Nodes
from ml.identity.group_limits import ACCEPTED
from ml.identity.merge_order import Ints, MergeTree, components, merge_in_order
from ml.identity.weak_identifiers import choose_leaders


@dataclass(frozen=True)
class Apart:
    """Two nodes that a person parted: from `day` on, or from the beginning (-1)."""

    left: int
    right: int
    day: int


@dataclass(frozen=True)
class Resolution:
    """status, reason, ended (the day, -1 while it holds): per edge. intervals: node, customer (a
    node, the oldest), day_from, day_to (-1 while it holds). group: label of all nodes that any
    evidence links, accepted or not."""

    status: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    ended: Ints
    intervals: pd.DataFrame
    group: Ints


def resolve(
    nodes: Nodes,
    edges: Edges,
    records: pd.DataFrame,
    rules: Rules,
    table: NameTable,
    parted: Sequence[Apart] = (),
) -> Resolution:
    """Resolve all groups. `records`: node, day, first_name, last_name, birth_date of each version.

    Edges to blocked identifiers do not count. What was parted on a day is resolved twice: as it
    was before, and, from that day on, as if the two had never been allowed together.
    """
    group = _groups(nodes, edges)
    constraints = _constraints(parted, -1)
    result = _resolve_once(nodes, edges, records, rules, table, constraints, group)
    for day in sorted({p.day for p in parted if p.day >= 0}):
        touched = np.isin(group, group[[p.left for p in parted if p.day == day]])
        inside = np.flatnonzero(touched[edges.left])
        part = _resolve_once(
            nodes, edges.take(inside), records, rules, table, _constraints(parted, day), group
        )
        result = _from_day_on(result, part, inside, touched, day)
    return result


def _groups(nodes: Nodes, edges: Edges) -> Ints:
    blocked = nodes.frame["is_blocked"].to_numpy(bool)
    live = ~(blocked[edges.left] | blocked[edges.right])
    return components(len(nodes.frame), edges.left[live], edges.right[live])


def _constraints(parted: Sequence[Apart], day: int) -> dict[int, frozenset[int]]:
    """Who must not be with whom from a day on."""
    apart: dict[int, set[int]] = {}
    for one in parted:
        if one.day <= day:
            apart.setdefault(one.left, set()).add(one.right)
            apart.setdefault(one.right, set()).add(one.left)
    return {node: frozenset(others) for node, others in apart.items()}


def _resolve_once(
    nodes: Nodes,
    edges: Edges,
    records: pd.DataFrame,
    rules: Rules,
    table: NameTable,
    apart: Mapping[int, frozenset[int]],
    group: Ints,
) -> Resolution:
    size = len(nodes.frame)
    status = np.full(len(edges), "rejected", object)
    reason = np.full(len(edges), "", object)
    blocked = nodes.frame["is_blocked"].to_numpy(bool)
    dead = blocked[edges.left] | blocked[edges.right]
    reason[dead] = "blocked"
    alike = np.flatnonzero(~dead & (edges.rule == MATCH))
    other = alike[contradicting(edges, alike, records, table)]
    dead[other], reason[other] = True, "names contradict"
    unsure = ~dead & (edges.rule == MATCH) & (edges.confidence < rules.accept) & ~edges.certain
    status[unsure], reason[unsure] = "review", "probability"
    follows = nodes.frame["follows"].to_numpy(bool)
    live = np.flatnonzero(~dead & ~unsure)
    weak, chosen = choose_leaders(
        edges.left[live], edges.right[live], edges.day[live], nodes.priority, follows
    )
    certain = edges.certain[live]
    kept = live[~weak | chosen | certain]
    late = live[weak & ~chosen & ~certain]
    outcome_status, outcome_reason = judge_edges(nodes, edges, kept, records, rules, table, apart)
    status[kept], reason[kept] = outcome_status, outcome_reason
    accepted = kept[outcome_status == ACCEPTED[0]]
    tree = merge_in_order(size, edges.left[accepted], edges.right[accepted], edges.day[accepted])
    intervals = intervals_of(tree, nodes.day)
    last = np.arange(size)
    current = intervals[intervals["day_to"] < 0]
    last[current["node"]] = current["customer"]
    same = last[edges.left[late]] == last[edges.right[late]]
    status[late] = np.where(same, "accepted", "rejected")
    reason[late] = np.where(same, "", "limit of one at a time")
    return Resolution(status, reason, np.full(len(edges), -1), intervals, group)


def _from_day_on(
    before: Resolution, after: Resolution, inside: Ints, touched: npt.NDArray[np.bool_], day: int
) -> Resolution:
    """`before` until the day, `after` from then on, for the nodes and edges that are touched."""
    status, reason, ended = before.status.copy(), before.reason.copy(), before.ended.copy()
    fallen = (status[inside] == "accepted") & (after.status != "accepted")
    ended[inside[fallen & (ended[inside] < 0)]] = day
    reason[inside[fallen]] = after.reason[fallen]
    spans = before.intervals
    is_touched = touched[spans["node"].to_numpy()]
    old, new = spans[is_touched], after.intervals[touched[after.intervals["node"].to_numpy()]]
    old = old[old["day_from"] < day]
    open_ended = (old["day_to"] < 0) | (old["day_to"] > day)
    old = old.assign(day_to=old["day_to"].mask(open_ended, day))
    new = new[(new["day_to"] < 0) | (new["day_to"] > day)]
    new = new.assign(day_from=new["day_from"].clip(lower=day))
    both = pd.concat([old, new]).sort_values(["node", "day_from"], ignore_index=True)
    follows_on = (both["node"] == both["node"].shift()) & (
        both["customer"] == both["customer"].shift()
    )
    stretch = (~follows_on).cumsum()
    joined = both.groupby(stretch.to_numpy(), sort=True).agg(
        node=("node", "first"),
        customer=("customer", "first"),
        day_from=("day_from", "first"),
        day_to=("day_to", "last"),
    )
    intervals = pd.concat([spans[~is_touched], joined], ignore_index=True)
    return Resolution(status, reason, ended, intervals, before.group)


def intervals_of(tree: MergeTree, day: Ints) -> pd.DataFrame:
    """Follow every node from customer to customer; a stay of no day is left out."""
    node = np.arange(len(day))
    customer, begin = node.copy(), day.copy()
    pieces = []
    while True:
        moves = tree.into[customer] != customer
        end = np.where(moves, tree.day[customer], -1)
        stays = ~moves | (end > begin)
        pieces.append((node[stays], customer[stays], begin[stays], end[stays]))
        if not moves.any():
            break
        node, customer, begin, end = (x[moves] for x in (node, customer, begin, end))
        customer, begin = tree.into[customer], np.maximum(begin, end)
    columns = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    names = ["node", "customer", "day_from", "day_to"]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))
