"""Who may import whom: floors, rooms, and no circles."""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.architecture.law.violation import Violation, broken
from tests.architecture.tree import FLOORS, imported_modules, sources

# The order of the stages, the ones below them all first; an earlier room imports no later one.
# The warehouse comes before the project: which targets there are is asked of its settings.
BELOW = ("home", "keys", "artefacts", "warehouse", "project", "quality", "dbt")
STAGES = ("landing", "identity", "signals", "models", "segments", "activation", "measurement")
ABOVE = ("privacy", "intraday", "explain", "report", "explorer", "api", "doctor")
ROOMS = (*BELOW, *STAGES, *ABOVE)


def upward_imports(root: Path) -> Iterator[Violation]:
    """A file imports its own floor or a lower one; ml and simulation do not know each other."""
    modules = {source.module for source in sources(root)}
    for source in sources(root):
        own = source.module.split(".")[0]
        for name, found in imported_modules(source, modules):
            other = name.split(".")[0]
            if FLOORS[other] > source.floor or {own, other} == {"ml", "simulation"}:
                remedy = "a lower floor takes what it needs as an argument; pass it, or move it"
                yield broken(source, found.line, f"imports {name}", remedy)
            elif other == "simulation" and source.floor < 5 and own != "simulation":
                if source.path.startswith("orchestration/cli/"):
                    continue
                remedy = "only the command line and tests know the simulation"
                yield broken(source, found.line, f"imports {name}", remedy)


def backward_rooms(root: Path) -> Iterator[Violation]:
    """The rooms of segmentry stand in the order of the stages."""
    order = {f"segmentry.{room}": number for number, room in enumerate(ROOMS)}
    modules = {source.module for source in sources(root)}
    for source in sources(root):
        if not source.path.startswith("segmentry/") or source.module == "segmentry":
            continue
        if source.room not in order:
            remedy = "give it a position in ROOMS of tests/architecture/law/arrows.py"
            yield broken(source, 1, f"room {source.room}", remedy)
            continue
        for name, found in imported_modules(source, modules):
            other = ".".join(name.split(".")[:2])
            if order.get(other, -1) > order[source.room]:
                remedy = f"{source.room} comes before {other}; move what both need to the earlier"
                yield broken(source, found.line, f"imports {name}", remedy)


def circles_of_modules(root: Path) -> Iterator[Violation]:
    """No modules import each other in a circle, not even within functions."""
    graph = _import_graph(root)
    for circle in circles(graph):
        first = circle[0].replace(".", "/")
        remedy = "move what they share to a module below both"
        yield Violation(" <-> ".join(circle), first, f"{' <-> '.join(circle)}: {remedy}")


def circles_of_rooms(root: Path) -> Iterator[Violation]:
    """No rooms of one floor import each other in a circle."""
    graph: dict[str, set[str]] = defaultdict(set)
    for name, others in _import_graph(root).items():
        room = ".".join(name.split(".")[:2])
        for other in others:
            other_room = ".".join(other.split(".")[:2])
            if other_room != room and FLOORS[room.split(".")[0]] < 5:
                graph[room].add(other_room)
    for circle in circles(graph):
        remedy = "a room that needs another is after it; move what both need to the earlier one"
        yield Violation(" <-> ".join(circle), circle[0], f"{' <-> '.join(circle)}: {remedy}")


@cache
def _import_graph(root: Path) -> dict[str, frozenset[str]]:
    modules = {source.module for source in sources(root)}
    return {
        source.module: frozenset(name for name, _ in imported_modules(source, modules))
        for source in sources(root)
    }


def circles(graph: "dict[str, frozenset[str]] | dict[str, set[str]]") -> list[list[str]]:
    """The strongly connected parts of more than one node, each sorted; by Tarjan's algorithm."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    parts: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            part = []
            while not part or part[-1] != node:
                part.append(stack.pop())
            if len(part) > 1:
                parts.append(sorted(part))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return sorted(parts)
