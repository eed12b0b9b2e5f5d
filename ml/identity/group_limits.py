"""Groups in which something could go wrong, edge by edge: names, limits, size.

Most groups cannot break any rule, however their edges are ordered; only the others come here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from data_contracts.definitions.given_names import AGREE, CONTRADICT, NameTable
from data_contracts.definitions.identity_rules import TypeRule

ACCEPTED = ("accepted", "")
NAMES = ("review", "names contradict")
NOT_AGREED = ("review", "names do not agree")
SIZE = ("rejected", "size")
APART = ("rejected", "override")
LIMIT = "limit"


@dataclass(frozen=True)
class Name:
    """What a record was called from a day on (folded; empty where unknown)."""

    day: int
    first: str
    last: str
    birth: str = ""


@dataclass
class _Group:
    """One customer so far: its nodes' days by type, and the records that have names."""

    size: int
    days: dict[int, list[int]]
    names: list[Name] = field(default_factory=list)
    records: int = 0
    marked: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Member:
    """What judging needs to know of a node. `priority` stands for its type."""

    priority: int
    day: int
    is_record: bool
    names: Sequence[Name]


@dataclass(frozen=True)
class Judge:
    """The rules as the sequence of edges meets them. `types` by priority.

    apart: nodes that were parted by hand -> those they must not be with.
    """

    types: Mapping[int, TypeRule]
    size_cap: int
    table: NameTable
    apart: Mapping[int, frozenset[int]]

    def judge(
        self, members: Mapping[int, Member], edges: Sequence[tuple[int, int, int, str, bool]]
    ) -> list[tuple[str, str]]:
        """Status and reason of each edge (left, right, day, joins, certain), given in order."""
        parent = {node: node for node in members}
        groups = {
            node: _Group(
                1, {m.priority: [m.day]}, list(m.names), int(m.is_record), {node} & {*self.apart}
            )
            for node, m in members.items()
        }
        outcomes = []
        for left, right, day, joins, certain in edges:
            a, b = _find(parent, left), _find(parent, right)
            if a == b:
                outcomes.append(ACCEPTED)
                continue
            if any(self.apart[node] & groups[b].marked for node in groups[a].marked):
                outcome = APART
            else:
                outcome = ACCEPTED if certain else self._decide(groups[a], groups[b], day, joins)
            outcomes.append(outcome)
            if outcome is ACCEPTED:
                old, new = (a, b) if groups[a].size < groups[b].size else (b, a)
                _join(groups[new], groups.pop(old))
                parent[old] = new
        return outcomes

    def _decide(self, a: _Group, b: _Group, day: int, joins: str) -> tuple[str, str]:
        if a.size + b.size > self.size_cap:
            return SIZE
        for priority in sorted({*a.days} & {*b.days}):
            rule = self.types[priority]
            since = -1 if rule.within_days is None else day - rule.within_days
            if _since(a.days[priority], since) + _since(b.days[priority], since) > rule.at_most:
                return ("rejected", f"{LIMIT} {rule.name}")
        return self._compare(a, b, day, joins) if joins != "follows" else ACCEPTED

    def _compare(self, a: _Group, b: _Group, day: int, joins: str) -> tuple[str, str]:
        """Names that were known by the day; a shared phone asks that they agree."""
        agreed = False
        for one in a.names:
            for other in b.names:
                if one.day > day or other.day > day:
                    continue
                first = self.table.compare_first(one.first, other.first)
                if first == CONTRADICT:
                    return NAMES
                if joins == "agreed":
                    last = self.table.compare_last(one.last, other.last)
                    if last == CONTRADICT or born_apart(one.birth, other.birth):
                        return NAMES
                    agreed = agreed or (first == AGREE and last == AGREE)
        if joins == "agreed" and a.records and b.records and not agreed:
            return NOT_AGREED
        return ACCEPTED


def born_apart(one: str, other: str) -> bool:
    """Two full birth dates (YYYY-MM-DD) that differ in more than one of year, month and day."""
    if not one or not other:
        return False
    return sum(x != y for x, y in zip(one.split("-"), other.split("-"), strict=True)) > 1


def _since(days: list[int], first: int) -> int:
    return len(days) if first < 0 else sum(day >= first for day in days)


def _find(parent: dict[int, int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def _join(into: _Group, other: _Group) -> None:
    into.size += other.size
    into.records += other.records
    into.names += other.names
    into.marked |= other.marked
    for priority, days in other.days.items():
        into.days.setdefault(priority, []).extend(days)
