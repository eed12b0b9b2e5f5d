"""What strings may hold: SQL, facts of a run, names that data_contracts/ chooses."""

import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlglot

from data_contracts.compiler.loading import load_contracts
from segmentry.warehouse.engines.duckdb import DIALECT
from tests.architecture.law.violation import Violation, broken
from tests.architecture.tree import PLACEHOLDER, sources, sql_texts, texts

ENGINE_CODE = ("ml", "segmentry", "orchestration")
FACTS = "segmentry/warehouse/facts.py"
SPARK_FUNCTIONS = set(sqlglot.Dialect.get_or_raise("spark").parser_class.FUNCTIONS)
PLANNED = re.compile(r"\bops\.(settings|build_dates)\b")


def facts_elsewhere(root: Path) -> Iterator[Violation]:
    """ops.settings and ops.build_dates are read and written in facts alone."""
    for source in sources(root):
        if source.floor == 5 or source.path == FACTS:
            continue
        for text in texts(source):
            is_name = PLANNED.fullmatch(text.text)
            if PLANNED.search(text.text) and not is_name and not text.is_docstring:
                remedy = f"ask a function of {FACTS}"
                yield broken(source, text.line, "SQL over ops.settings or ops.build_dates", remedy)


def sql_outside_its_floors(root: Path) -> Iterator[Violation]:
    """orchestration holds no SQL."""
    for source in sources(root):
        if source.floor == 4:
            for text in sql_texts(source):
                remedy = "reads and writes belong in a room of segmentry/"
                yield broken(source, text.line, "SQL", remedy)


def untranspilable_sql(root: Path) -> Iterator[Violation]:
    """SQL in Python transpiles to Spark, so that a second engine may run it."""
    for source in sources(root):
        if source.floor < 4:
            for text in sql_texts(source):
                why = transpile_error(text.text)
                if why:
                    remedy = f"does not transpile to Spark ({why}); say it in common SQL"
                    yield broken(source, text.line, "SQL", remedy)


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
                yield broken(source, text.line, repr(name), remedy)
