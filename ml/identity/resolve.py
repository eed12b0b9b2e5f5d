"""Evidence -> which edges hold, and which customer each identifier belongs to from when to when.

The answer is a function of the evidence alone: not of its order, nor of how often it was given,
nor of the runs in which it came. Groups that share no edge never influence each other, so a run
may resolve only the groups that new evidence touches.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.identity.contested import ACCEPTED, Judge, Member, Name
from ml.identity.evidence import Edges, Nodes
from ml.identity.following import choose_leaders
from ml.identity.merge_order import Ints, MergeTree, components, merge_in_order
from ml.identity.names import NameTable, fold
from ml.identity.rules import Rules

RECORD = "source_customer_id"
MATCH = "match"


@dataclass(frozen=True)
class Resolution:
    """status, reason: per edge. intervals: node, customer (a node, the oldest), day_from, day_to
    (-1 while it holds). group: label of all nodes that any evidence links, accepted or not."""

    status: npt.NDArray[np.object_]
    reason: npt.NDArray[np.object_]
    intervals: pd.DataFrame
    group: Ints


def resolve(
    nodes: Nodes, edges: Edges, records: pd.DataFrame, rules: Rules, table: NameTable
) -> Resolution:
    """Resolve all groups. `records`: node, day, first_name, last_name, birth_date of each version.

    Edges to blocked identifiers do not count.
    """
    size = len(nodes.frame)
    status = np.full(len(edges), "rejected", object)
    reason = np.full(len(edges), "", object)
    blocked = nodes.frame["is_blocked"].to_numpy(bool)
    dead = blocked[edges.left] | blocked[edges.right]
    reason[dead] = "blocked"
    follows = nodes.frame["follows"].to_numpy(bool)
    live = np.flatnonzero(~dead)
    weak, chosen = choose_leaders(
        edges.left[live], edges.right[live], edges.day[live], nodes.priority, follows
    )
    certain = edges.certain[live]
    kept = live[~weak | chosen | certain]
    late = live[weak & ~chosen & ~certain]
    outcome_status, outcome_reason = judge_edges(nodes, edges, kept, records, rules, table)
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
    group = components(size, edges.left[live], edges.right[live])
    return Resolution(status, reason, intervals, group)


def judge_edges(
    nodes: Nodes,
    edges: Edges,
    kept: Ints,
    records: pd.DataFrame,
    rules: Rules,
    table: NameTable,
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Status and reason of the edges `kept`: all accepted where no rule can be broken."""
    size = len(nodes.frame)
    status, reason = np.full(len(kept), "accepted", object), np.full(len(kept), "", object)
    left, right = edges.left[kept], edges.right[kept]
    label = components(size, left, right)
    contested = _contested(nodes, label, records, rules, table)
    contested[label[right[edges.rule[kept] == MATCH]]] = True
    doubtful = np.flatnonzero(contested[label[left]])
    if len(doubtful) == 0:
        return status, reason
    joins = {rule.priority: rule.joins for rule in rules.types.values()}
    weaker = np.maximum(nodes.priority[left], nodes.priority[right])
    follows = nodes.frame["follows"].to_numpy(bool)
    order = np.lexsort((right, left, weaker, edges.day[kept]))
    doubtful = order[np.isin(order, doubtful)]
    by_group: dict[int, list[int]] = defaultdict(list)
    for position in doubtful.tolist():
        by_group[int(label[left[position]])].append(position)
    members = _members(nodes, np.flatnonzero(contested[label]), records)
    judge = Judge({r.priority: r for r in rules.types.values()}, rules.size_cap, table)
    for positions in by_group.values():
        steps = []
        for p in positions:
            a, b = int(left[p]), int(right[p])
            way = "follows" if follows[a] or follows[b] else joins[int(weaker[p])]
            if edges.rule[kept[p]] == MATCH:
                way = "agreed"
            steps.append((a, b, int(edges.day[kept[p]]), way, bool(edges.certain[kept[p]])))
        group = {node: members[node] for step in steps for node in step[:2]}
        for p, (verdict, why) in zip(positions, judge.judge(group, steps), strict=True):
            status[p], reason[p] = verdict, why
    return status, reason


def _contested(
    nodes: Nodes, label: Ints, records: pd.DataFrame, rules: Rules, table: NameTable
) -> npt.NDArray[np.bool_]:
    """By label of a group: whether some order of its edges could break a rule."""
    size = len(label)
    contested = np.bincount(label, minlength=size) > rules.size_cap
    for rule in rules.types.values():
        of_type = label[nodes.priority == rule.priority]
        contested |= np.bincount(of_type, minlength=size) > rule.at_most
    at = records["node"].to_numpy(np.int64)
    named = pd.DataFrame({"group": label[at]})
    canonical = table.canonical
    firsts = _folded(records["first_name"])
    named["first"] = [canonical.get(text.split(" ")[0], text) for text in firsts]
    named["last"] = _folded(records["last_name"])
    named["birth"] = records["birth_date"].astype(str).where(records["birth_date"].notna(), "")
    for column in ("first", "last", "birth"):
        told = named.loc[named[column] != "", ["group", column]].drop_duplicates()
        contested |= np.bincount(told["group"], minlength=size) > 1
    return contested | _silent_phones(nodes, label, records, named, rules)


def _silent_phones(
    nodes: Nodes, label: Ints, records: pd.DataFrame, named: pd.DataFrame, rules: Rules
) -> npt.NDArray[np.bool_]:
    """Groups held together by what asks for agreement, with a record that has no full name."""
    size = len(label)
    agreed = [rule.priority for rule in rules.types.values() if rule.joins == "agreed"]
    has_phone = np.zeros(size, bool)
    has_phone[label[np.isin(nodes.priority, agreed)]] = True
    is_record = (nodes.frame["identifier_type"] == RECORD).to_numpy()
    full = (named["first"] != "") & (named["last"] != "")
    told = np.zeros(size, bool)
    told[records["node"].to_numpy(np.int64)[full.to_numpy()]] = True
    silent = np.zeros(size, bool)
    silent[label[is_record & ~told]] = True
    several = np.bincount(label[is_record], minlength=size) > 1
    return has_phone & silent & several


def _folded(names: "pd.Series") -> list[str]:
    """Folded names; each distinct spelling is folded once."""
    code, unique = pd.factorize(names.fillna(""))
    folded = [fold(text) for text in unique]
    return [folded[i] for i in code]


def _members(nodes: Nodes, wanted: Ints, records: pd.DataFrame) -> dict[int, Member]:
    names: dict[int, list[Name]] = defaultdict(list)
    some = records[records["node"].isin(set(wanted.tolist()))]
    births = some["birth_date"].astype(str).where(some["birth_date"].notna(), "")
    rows = zip(
        some["node"].tolist(),
        some["day"].tolist(),
        _folded(some["first_name"]),
        _folded(some["last_name"]),
        births.tolist(),
        strict=True,
    )
    for node, day, first, last, birth in sorted(set(rows)):
        if first or last or birth:
            names[node].append(Name(day, first, last, birth))
    types = nodes.frame["identifier_type"].to_numpy()
    return {
        node: Member(
            int(nodes.priority[node]), int(nodes.day[node]), types[node] == RECORD, names[node]
        )
        for node in wanted.tolist()
    }


def intervals_of(tree: MergeTree, day: Ints) -> pd.DataFrame:
    """Follow every node from customer to customer; a stay of no day is left out."""
    node = np.arange(len(day))
    customer, begin = node.copy(), day.copy()
    pieces = []
    while len(node):
        moves = tree.into[customer] != customer
        end = np.where(moves, tree.day[customer], -1)
        stays = ~moves | (end > begin)
        pieces.append((node[stays], customer[stays], begin[stays], end[stays]))
        node, customer, begin, end = (x[moves] for x in (node, customer, begin, end))
        customer, begin = tree.into[customer], np.maximum(begin, end)
    columns = [np.concatenate(column) for column in zip(*pieces, strict=True)]
    names = ["node", "customer", "day_from", "day_to"]
    return pd.DataFrame(dict(zip(names, columns, strict=True)))
