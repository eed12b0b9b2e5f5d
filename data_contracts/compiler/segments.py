"""The segment catalogue: YAML conditions, checked column by column, compiled to one scan.

A condition is one SQL expression over `features.customer_features`, `<target>_score`,
`<target>_percentile` and `cluster_<clustering>`. It can be nothing else: no statement, subquery,
aggregate, window or function outside ALLOWED_FUNCTIONS, and no sensitive column.
"""

import datetime
import difflib
import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from data_contracts.compiler.contract import ContractError
from data_contracts.compiler.loading import read_yaml

KINDS = ("rule", "predictive", "cluster")
STATUSES = ("proposed", "approved", "retired")
ENTRIES = {"name", "kind", "description", "where", "owner", "purpose", "status", "review_by"}
ALLOWED_FUNCTIONS = (
    exp.Coalesce,
    exp.Abs,
    exp.Lower,
    exp.Upper,
    exp.Greatest,
    exp.Least,
    exp.Nullif,
    exp.Case,
    exp.If,
    exp.Cast,
    exp.And,
    exp.Or,
)
FORBIDDEN = (exp.Query, exp.Subquery, exp.AggFunc, exp.Window, exp.Star, exp.Placeholder)


@dataclass(frozen=True)
class Segment:
    """One segment whose condition has been checked."""

    segment_id: str
    name: str
    kind: str
    description: str
    condition: str
    owner: str
    purpose: str
    status: str
    review_by: datetime.date
    columns: frozenset[str]

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.condition.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Definition:
    """One file of the catalogue; `for_each` names the column whose leading values make copies."""

    segment: Segment
    for_each: str | None
    leading: int


def load_catalogue(folder: Path, columns: dict[str, str], sensitive: set[str]) -> list[Definition]:
    """Read every segment file. `columns` maps the columns a condition may use to their SQL type.

    Raises ContractError with file and line on whatever cannot be honoured.
    """
    definitions = []
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith(".odcs.yaml"):
            continue
        definitions.append(_read(path, columns, sensitive))
    if not definitions:
        raise ContractError(f"{folder}: no segment is defined")
    return definitions


def expand(definition: Definition, values: dict[str, str]) -> list[Segment]:
    """The segments of one definition: itself, or one per value (value -> its name in words)."""
    base = definition.segment
    if definition.for_each is None:
        return [base]
    segments = []
    for value, words in values.items():
        slug = "".join(c if c.isalnum() else "_" for c in str(value).lower()).strip("_")
        literal = exp.Literal.string(value).sql()
        segments.append(
            replace(
                base,
                segment_id=f"{base.segment_id}_{slug}",
                name=base.name.replace("{value}", words),
                description=base.description.replace("{value}", words),
                condition=base.condition.replace("'{value}'", literal),
            )
        )
    return segments


def membership_sql(segments: list[Segment], frame: str, dialect: str = "duckdb") -> str:
    """One scan of `frame` (a relation with customer_id): a row per customer and segment met.

    A condition that is null is not met.
    """
    cases = ", ".join(
        f"case when {segment.condition} then {exp.Literal.string(segment.segment_id).sql()} end"
        for segment in segments
    )
    sql = (
        f"select customer_id, segment_id from (select customer_id, unnest([{cases}]) as segment_id "
        f"from {frame}) as met where segment_id is not null"
    )
    return sqlglot.transpile(sql, read="duckdb", write=dialect)[0]


def _read(path: Path, columns: dict[str, str], sensitive: set[str]) -> Definition:
    document = read_yaml(path)
    missing = ENTRIES - set(document)
    unknown = set(document) - ENTRIES - {"for_each", "leading"}
    if missing or unknown:
        raise ContractError(
            f"{path.name}: missing {sorted(missing)}, unknown {sorted(unknown)}; "
            f"a segment has {', '.join(sorted(ENTRIES))}"
        )
    if document["kind"] not in KINDS or document["status"] not in STATUSES:
        raise ContractError(f"{path.name}: kind is one of {KINDS}, status one of {STATUSES}")
    if not isinstance(document["review_by"], datetime.date):
        raise ContractError(f"{path.name}: review_by is a date like 2027-01-31")
    for_each = document.get("for_each")
    where = f"{path.name}, line {_line_of(path, 'where')}"
    if for_each is not None:
        _known(for_each, columns, sensitive, f"{path.name}, line {_line_of(path, 'for_each')}")
    condition, used = check_condition(str(document["where"]), columns, sensitive, where)
    segment = Segment(
        segment_id=path.stem,
        name=document["name"],
        kind=document["kind"],
        description=" ".join(document["description"].split()),
        condition=condition,
        owner=document["owner"],
        purpose=document["purpose"],
        status=document["status"],
        review_by=document["review_by"],
        columns=frozenset(used),
    )
    return Definition(segment, for_each, int(document.get("leading", 0)))


def check_condition(
    text: str, columns: dict[str, str], sensitive: set[str], where: str
) -> tuple[str, set[str]]:
    """Parse and check one condition; returns it normalised, and the columns it reads."""
    try:
        statements = sqlglot.parse(f"select 1 where {text}", read="duckdb")
    except sqlglot.errors.ParseError as error:
        raise ContractError(f"{where}: not a SQL condition: {error}") from error
    statement = statements[0]
    if len(statements) != 1 or not isinstance(statement, exp.Select):
        raise ContractError(f"{where}: one condition, not a statement")
    clause = statement.args.get("where")
    extra = {k for k, v in statement.args.items() if v} - {"expressions", "where", "kind"}
    if clause is None or extra:
        raise ContractError(f"{where}: one condition, without {', '.join(sorted(extra))}")
    condition = clause.this
    for node in condition.walk():
        _check_node(node, where)
    used = {column.name for column in condition.find_all(exp.Column)}
    if not used:
        raise ContractError(f"{where}: the condition names no column")
    for name in sorted(used):
        _known(name, columns, sensitive, where)
    _check_types(condition, columns, where)
    return condition.sql(dialect="duckdb"), used


def _check_node(node: Any, where: str) -> None:
    if isinstance(node, FORBIDDEN):
        raise ContractError(f"{where}: {node.sql()!r} is not allowed; compare columns of one row")
    if isinstance(node, exp.Func) and not isinstance(node, ALLOWED_FUNCTIONS):
        raise ContractError(f"{where}: function {node.sql()!r} is not allowed")
    if isinstance(node, exp.Column) and node.table:
        raise ContractError(f"{where}: write {node.name}, without a table name")


def _known(name: str, columns: dict[str, str], sensitive: set[str], where: str) -> None:
    if name in sensitive:
        raise ContractError(f"{where}: {name} is sensitive and can never define a segment")
    if name not in columns:
        near = difflib.get_close_matches(name, columns, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ContractError(f"{where}: there is no column {name}{hint}")


def _check_types(condition: Any, columns: dict[str, str], where: str) -> None:
    """Comparing text with a number would be cast silently, or fail in the middle of a run."""
    for comparison in condition.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE):
        sides = (comparison.left, comparison.right)
        for column, other in (sides, sides[::-1]):
            if isinstance(column, exp.Column) and isinstance(other, exp.Literal):
                text = columns[column.name] == "varchar"
                temporal = columns[column.name] in ("date", "timestamp")
                if not temporal and text != other.is_string:
                    kind = "text" if text else "a number"
                    raise ContractError(f"{where}: {column.name} is {kind}, {other.sql()} is not")


def _line_of(path: Path, key: str) -> int:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith(f"{key}:"):
            return number
    return 1
