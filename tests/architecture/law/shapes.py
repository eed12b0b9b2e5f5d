"""How large folders and bodies may be, and that rooms say what they are for."""

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.law.violation import Violation, broken
from tests.architecture.tree import sources

MOST_MODULES, MOST_OF_A_PREFIX, MOST_LINES_OF_A_BODY = 20, 2, 20
# Words that say nothing of what modules share: all tests begin with one, compilers compile `to`.
NO_PREFIX = {"test", "to"}


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
                yield broken(source, node.lineno, f"{node.name}()", remedy)


def undescribed_rooms(root: Path) -> Iterator[Violation]:
    """Every room says in its __init__ what belongs there and what does not."""
    for source in sources(root):
        if source.floor < 5 and source.path.endswith("/__init__.py"):
            told = ast.get_docstring(source.tree) or ""
            if "not" not in told.lower():
                remedy = "write two or three lines: what belongs here, what does not"
                yield broken(source, 1, "docstring", remedy)
