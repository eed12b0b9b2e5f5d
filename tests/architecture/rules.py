"""The rules of the house over the source: each yields what breaks it, with a remedy."""

import ast
import logging
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sqlglot

from data_contracts.compiler.loading import load_contracts
from segmentry.warehouse.engines.duckdb import DIALECT
from tests.architecture.tree import (
    FLOORS,
    PLACEHOLDER,
    Source,
    imported_modules,
    imports,
    sources,
    sql_texts,
    texts,
)

# The order of the stages, the ones below them all first; an earlier room imports no later one.
# The warehouse comes before the project: which targets there are is asked of its settings.
BELOW = ("home", "keys", "artefacts", "warehouse", "project", "quality", "dbt")
STAGES = ("landing", "identity", "signals", "models", "segments", "activation", "measurement")
ABOVE = ("privacy", "intraday", "explain", "report", "explorer", "api", "doctor")
ROOMS = (*BELOW, *STAGES, *ABOVE)
MOST_MODULES, MOST_OF_A_PREFIX, MOST_LINES_OF_A_BODY = 20, 2, 20
# Words that say nothing of what modules share: all tests begin with one, compilers compile `to`.
NO_PREFIX = {"test", "to"}
ENGINE_CODE = ("ml", "segmentry", "orchestration")
FACTS = "segmentry/warehouse/facts.py"
SPARK_FUNCTIONS = set(sqlglot.Dialect.get_or_raise("spark").parser_class.FUNCTIONS)
PLANNED = re.compile(r"\bops\.(settings|build_dates)\b")


@dataclass(frozen=True)
class Violation:
    """What breaks a rule. key: how the list of exceptions names it, without a line number."""

    key: str
    where: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.remedy}"


Rule = Callable[[Path], Iterator[Violation]]


def _found(source: Source, line: int, what: str, remedy: str) -> Violation:
    return Violation(f"{source.path} {what}", f"{source.path}:{line}", f"{what}: {remedy}")


def upward_imports(root: Path) -> Iterator[Violation]:
    """A file imports its own floor or a lower one; ml and simulation do not know each other."""
    modules = {source.module for source in sources(root)}
    for source in sources(root):
        own = source.module.split(".")[0]
        for name, found in imported_modules(source, modules):
            other = name.split(".")[0]
            if FLOORS[other] > source.floor or {own, other} == {"ml", "simulation"}:
                remedy = "a lower floor takes what it needs as an argument; pass it, or move it"
                yield _found(source, found.line, f"imports {name}", remedy)
            elif other == "simulation" and source.floor < 5 and own != "simulation":
                if source.path.startswith("orchestration/cli/"):
                    continue
                remedy = "only the command line and tests know the simulation"
                yield _found(source, found.line, f"imports {name}", remedy)


def wrong_libraries(root: Path) -> Iterator[Violation]:
    """dagster on floor 4 alone, typer and rich in orchestration/cli, pandas not on floor 4."""
    for source in sources(root):
        if source.floor == 5:
            continue
        for found in imports(source):
            library = found.name.split(".")[0]
            if library in ("dagster", "dagster_dbt") and source.floor != 4:
                yield _found(source, found.line, library, "only orchestration/ wires with Dagster")
            if library in ("typer", "rich") and not source.path.startswith("orchestration/cli/"):
                yield _found(source, found.line, library, "printing belongs in orchestration/cli")
            if library == "pandas" and source.floor == 4:
                yield _found(source, found.line, library, "frames belong in segmentry/ and ml/")


def engine_openings(root: Path) -> Iterator[Violation]:
    """DuckDB is opened in segmentry/warehouse alone."""
    for source in sources(root):
        if source.floor == 5 or source.path.startswith("segmentry/warehouse/"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect":
                remedy = "use Warehouse, Snapshot or segmentry.warehouse.engines.duckdb"
                yield _found(source, node.lineno, "duckdb.connect(", remedy)


def impure_learning(root: Path) -> Iterator[Violation]:
    """ml takes arrays and frames: no connection, no statement, no file."""
    for source in sources(root):
        if not source.path.startswith("ml/"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.arg) and node.arg == "connection":
                what = "parameter connection"
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                what = ".execute(" if node.func.attr == "execute" else ""
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                what = f"{node.func.id}(" if node.func.id in ("open", "Path") else ""
            else:
                continue
            if what:
                yield _found(source, node.lineno, what, "reading and writing belong in segmentry/")


def backward_rooms(root: Path) -> Iterator[Violation]:
    """The rooms of segmentry stand in the order of the stages."""
    order = {f"segmentry.{room}": number for number, room in enumerate(ROOMS)}
    modules = {source.module for source in sources(root)}
    for source in sources(root):
        if not source.path.startswith("segmentry/") or source.module == "segmentry":
            continue
        if source.room not in order:
            remedy = "give it a position in ROOMS of tests/architecture/rules.py"
            yield _found(source, 1, f"room {source.room}", remedy)
            continue
        for name, found in imported_modules(source, modules):
            other = ".".join(name.split(".")[:2])
            if order.get(other, -1) > order[source.room]:
                remedy = f"{source.room} comes before {other}; move what both need to the earlier"
                yield _found(source, found.line, f"imports {name}", remedy)


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


def modules_by_folder(root: Path) -> dict[str, list[str]]:
    """Folder -> its modules but for __init__."""
    folders: dict[str, list[str]] = defaultdict(list)
    for source in sources(root):
        folder, _, name = source.path.rpartition("/")
        if name != "__init__.py":
            folders[folder].append(name.removesuffix(".py"))
    return dict(folders)


def crowded_folders(root: Path) -> Iterator[Violation]:
    """At most twenty modules a folder, and no three with one prefix."""
    for folder, names in modules_by_folder(root).items():
        if len(names) > MOST_MODULES:
            what = f"{len(names)} modules"
            remedy = f"at most {MOST_MODULES} to a folder; those of one kind get a folder"
            yield Violation(f"{folder} {what}", folder, f"{what}: {remedy}")
        prefixes = Counter(
            next(word for word in [*name.split("_"), name] if word not in NO_PREFIX)
            for name in names
        )
        for prefix, count in prefixes.items():
            if count > MOST_OF_A_PREFIX:
                what = f"{count} modules named {prefix}*"
                remedy = "a prefix is a folder that was not made"
                yield Violation(f"{folder} {what}", folder, f"{what}: {remedy}")


def facts_elsewhere(root: Path) -> Iterator[Violation]:
    """ops.settings and ops.build_dates are read and written in facts alone."""
    for source in sources(root):
        if source.floor == 5 or source.path == FACTS:
            continue
        for text in texts(source):
            is_name = PLANNED.fullmatch(text.text)
            if PLANNED.search(text.text) and not is_name and not text.is_docstring:
                remedy = f"ask a function of {FACTS}"
                yield _found(source, text.line, "SQL over ops.settings or ops.build_dates", remedy)


def sql_outside_its_floors(root: Path) -> Iterator[Violation]:
    """orchestration holds no SQL."""
    for source in sources(root):
        if source.floor == 4:
            for text in sql_texts(source):
                remedy = "reads and writes belong in a room of segmentry/"
                yield _found(source, text.line, "SQL", remedy)


def untranspilable_sql(root: Path) -> Iterator[Violation]:
    """SQL in Python transpiles to Spark, so that a second engine may run it."""
    for source in sources(root):
        if source.floor < 4:
            for text in sql_texts(source):
                why = transpile_error(text.text)
                if why:
                    remedy = f"does not transpile to Spark ({why}); say it in common SQL"
                    yield _found(source, text.line, "SQL", remedy)


@cache
def transpile_error(sql: str) -> str:
    """Why a DuckDB statement cannot be written for Spark; empty when it can."""
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    level = sqlglot.ErrorLevel.RAISE
    try:
        sqlglot.transpile(sql, read=DIALECT, write="spark", unsupported_level=level)
        functions = sqlglot.parse_one(sql, read=DIALECT).find_all(sqlglot.exp.Anonymous)
    except sqlglot.errors.SqlglotError as error:
        return str(error).split("\n")[0].split(". Line")[0]
    unknown = {str(function.this) for function in functions} - {PLACEHOLDER}
    # Those that sqlglot does not know in DuckDB pass through as they are: Spark has to have them.
    unknown = {name for name in unknown if name.upper() not in SPARK_FUNCTIONS}
    return f"sqlglot knows no {', '.join(sorted(unknown))}" if unknown else ""


@cache
def content_names(contracts: Path) -> dict[str, str]:
    """What data_contracts/ names -> its kind: targets, clusterings, sources, features.

    A clustering is called by an ordinary word, which says nothing alone: it counts where it names
    a column or stands beside the word clustering.
    """
    table = load_contracts().tables["features.customer_features"]
    keys = ("customer_id", "as_of_date")
    names = {column.name: "feature" for column in table.columns if column.name not in keys}
    names |= dict.fromkeys(load_contracts().sources(), "source")
    names |= {path.stem: "target" for path in (contracts / "targets").glob("*.yaml")}
    for path in (contracts / "clusterings").glob("*.yaml"):
        names |= dict.fromkeys(
            (f"cluster_{path.stem}", f"clustering = '{path.stem}'"), "clustering"
        )
    return names


def content_literals(root: Path) -> Iterator[Violation]:
    """Engine code names no target, source, feature or clustering."""
    names = content_names(root / "data_contracts")
    quoted = re.compile(r"clustering = '\w+'|(?<=')\w+(?=')")
    for source in sources(root):
        if not source.path.startswith(tuple(f"{package}/" for package in ENGINE_CODE)):
            continue
        for text in texts(source):
            if text.is_docstring:
                continue
            for name in sorted({text.text, *quoted.findall(text.text)} & names.keys()):
                remedy = f"a {names[name]} is named in data_contracts/ and SQL; follow from those"
                yield _found(source, text.line, repr(name), remedy)


def long_dagster_bodies(root: Path) -> Iterator[Violation]:
    """What Dagster calls only wires: its body has twenty lines or fewer."""
    for source in sources(root):
        if source.floor != 4:
            continue
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            if not any(re.match(r"(dg\.|dagster\.|dbt_assets)", name) for name in decorators):
                continue
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
            if lines > MOST_LINES_OF_A_BODY:
                remedy = f"{lines} lines; let a function of segmentry/ do what it does"
                yield _found(source, node.lineno, f"{node.name}()", remedy)


def undescribed_rooms(root: Path) -> Iterator[Violation]:
    """Every room says in its __init__ what belongs there and what does not."""
    for source in sources(root):
        if source.floor < 5 and source.path.endswith("/__init__.py"):
            told = ast.get_docstring(source.tree) or ""
            if "not" not in told.lower():
                remedy = "write two or three lines: what belongs here, what does not"
                yield _found(source, 1, "docstring", remedy)


# Name of the rule, and of its list of exceptions if it has any -> the rule.
RULES: dict[str, Rule] = {
    "upward_imports": upward_imports,
    "libraries": wrong_libraries,
    "engine_openings": engine_openings,
    "impure_learning": impure_learning,
    "backward_rooms": backward_rooms,
    "circles_of_modules": circles_of_modules,
    "circles_of_rooms": circles_of_rooms,
    "crowded_folders": crowded_folders,
    "facts_elsewhere": facts_elsewhere,
    "sql_in_orchestration": sql_outside_its_floors,
    "untranspilable_sql": untranspilable_sql,
    "content_literals": content_literals,
    "dagster_bodies": long_dagster_bodies,
    "rooms_described": undescribed_rooms,
}
