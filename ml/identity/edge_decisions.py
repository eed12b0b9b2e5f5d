"""Judge edges: at once where no rule can be broken, one by one in the order of time elsewhere."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from data_contracts.definitions.given_names import CONTRADICT, NameTable, fold
from data_contracts.definitions.identity_rules import Rules
from ml.identity.evidence import Edges, Nodes
from ml.identity.group_limits import Judge, Member, Name
from ml.identity.merge_order import Ints, components

RECORD = "source_customer_id"
MATCH = "match"


def judge_edges(
    nodes: Nodes,
    edges: Edges,
    kept: Ints,
    records: pd.DataFrame,
    rules: Rules,
    table: NameTable,
    apart: Mapping[int, frozenset[int]],
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Status and reason of the edges `kept`: all accepted where no rule can be broken."""
    size = len(nodes.frame)
    status, reason = np.full(len(kept), "accepted", object), np.full(len(kept), "", object)
    left, right = edges.left[kept], edges.right[kept]
    label = components(size, left, right)
    contested = _contested(nodes, label, records, rules, table)
    contested[label[right[edges.rule[kept] == MATCH]]] = True
    contested[label[np.array(sorted(apart), np.int64)]] = True
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
    judge = Judge({r.priority: r for r in rules.types.values()}, rules.size_cap, table, apart)
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


def contradicting(
    edges: Edges, positions: Ints, records: pd.DataFrame, table: NameTable
) -> npt.NDArray[np.bool_]:
    """Which of the edges are between records whose given names contradict each other."""
    ends = np.unique(np.r_[edges.left[positions], edges.right[positions]])
    some = records[records["node"].isin(set(ends.tolist()))]
    called: dict[int, set[str]] = defaultdict(set)
    for node, first in zip(some["node"].tolist(), _folded(some["first_name"]), strict=True):
        called[node].add(first)
    pairs = zip(edges.left[positions].tolist(), edges.right[positions].tolist(), strict=True)
    return np.array(
        [
            any(
                table.compare_first(a, b) == CONTRADICT for a in called[left] for b in called[right]
            )
            for left, right in pairs
        ],
        bool,
    )


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
