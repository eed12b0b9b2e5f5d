"""The source as syntax trees: files, imports, strings. What the rules of the house look at."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FLOORS = {
    "data_contracts": 1,
    "ml": 2,
    "simulation": 2,
    "segmentry": 3,
    "orchestration": 4,
    "benchmarks": 5,
    "tests": 5,
}
SQL_START = re.compile(
    r"\s*(with\s+\w+(\s*\(.*?\))?\s+as\b|select\s|insert\s+into\s|delete\s+from\s|update\s+\w+.*\sset\s|"
    r"create\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|schema|macro)\s|alter\s+table\s|"
    r"merge\s+into\s|copy\s|comment\s+on\s|attach\s|from\s+\w+[\w.]*\s)",
    re.DOTALL,
)
PLACEHOLDER = "placeholder"


@dataclass(frozen=True)
class Source:
    """One Python file. path: below the root of the project, with slashes."""

    path: str
    tree: ast.Module

    @property
    def module(self) -> str:
        """The dotted name that others import it by."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def floor(self) -> int:
        return FLOORS[self.path.split("/", maxsplit=1)[0]]

    @property
    def room(self) -> str:
        """The folder or module right below the package; a package's own __init__ is its name."""
        return ".".join(self.module.split(".")[:2])


@dataclass(frozen=True)
class Import:
    """One imported module or what is imported from it: `name` in full, at a line."""

    name: str
    line: int


@dataclass(frozen=True)
class Text:
    """One string of the source with named constants of the same file filled in."""

    text: str
    line: int
    is_docstring: bool


@cache
def sources(root: Path) -> tuple[Source, ...]:
    """Every Python file of the floors, sorted by path."""
    found = []
    for package in FLOORS:
        for path in sorted((root / package).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found.append(Source(path.relative_to(root).as_posix(), tree))
    return tuple(found)


@cache
def imports(source: Source) -> tuple[Import, ...]:
    """Every import that runs; those for type checkers alone do not."""
    return tuple(_imports(source.tree, source))


def _imports(node: ast.AST, source: Source) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(alias.name, child.lineno)
        elif isinstance(child, ast.ImportFrom):
            base = _base(child, source)
            for alias in child.names:
                yield Import(f"{base}.{alias.name}", child.lineno)
        yield from _imports(child, source)


def _base(node: ast.ImportFrom, source: Source) -> str:
    """The package of a `from` import, relative ones resolved."""
    if not node.level:
        return str(node.module)
    package = source.path.rsplit("/", node.level)[0].replace("/", ".")
    return f"{package}.{node.module}" if node.module else package


def imported_modules(source: Source, modules: set[str]) -> Iterator[tuple[str, Import]]:
    """The modules of this project that a file imports, each with its import."""
    for found in imports(source):
        name = found.name
        while name and name not in modules:
            name = name.rpartition(".")[0]
        if name and name != source.module:
            yield name, found


@cache
def texts(source: Source) -> tuple[Text, ...]:
    """Every string; of an f-string the parts that are no constant of the file are a placeholder."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    constants = _constants(source.tree)
    inside = {
        id(part)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    found = []
    for node in ast.walk(source.tree):
        if id(node) in inside and not isinstance(node, ast.JoinedStr):
            continue
        text = _text(node, constants)
        if text is not None:
            found.append(Text(text, node.lineno, id(node) in docstrings))
    return tuple(found)


def _constants(tree: ast.Module) -> dict[str, str]:
    """Strings that are named at the top of a file, in order, so that each may use those before."""
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            text = _text(node.value, found)
            if text is not None:
                found[node.targets[0].id] = text
    return found


def _text(node: ast.AST, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value))
        elif isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
            parts.append(constants.get(part.value.id, PLACEHOLDER))
        else:
            parts.append(PLACEHOLDER)
    return "".join(parts)


def sql_texts(source: Source) -> Iterator[Text]:
    """The strings that are whole SQL statements; what str.format fills in is a placeholder."""
    for text in texts(source):
        if not text.is_docstring and SQL_START.match(text.text):
            filled = re.sub(r"(?<!\{)\{[\w.]*\}(?!\})", PLACEHOLDER, text.text)
            yield Text(filled, text.line, is_docstring=False)
