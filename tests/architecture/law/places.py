"""Where libraries, connections and files may be used."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.law.violation import Violation, broken
from tests.architecture.tree import imports, sources


def wrong_libraries(root: Path) -> Iterator[Violation]:
    """dagster on floor 4 alone, typer and rich in orchestration/cli, pandas not on floor 4."""
    for source in sources(root):
        if source.floor == 5:
            continue
        for found in imports(source):
            library = found.name.split(".")[0]
            if library in ("dagster", "dagster_dbt") and source.floor != 4:
                yield broken(source, found.line, library, "only orchestration/ wires with Dagster")
            if library in ("typer", "rich") and not source.path.startswith("orchestration/cli/"):
                yield broken(source, found.line, library, "printing belongs in orchestration/cli")
            if library == "pandas" and source.floor == 4:
                yield broken(source, found.line, library, "frames belong in segmentry/ and ml/")


def engine_openings(root: Path) -> Iterator[Violation]:
    """DuckDB is opened in segmentry/warehouse alone."""
    for source in sources(root):
        if source.floor == 5 or source.path.startswith("segmentry/warehouse/"):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "duckdb.connect":
                remedy = "use Warehouse, Snapshot or segmentry.warehouse.engines.duckdb"
                yield broken(source, node.lineno, "duckdb.connect(", remedy)


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
                yield broken(source, node.lineno, what, "reading and writing belong in segmentry/")
