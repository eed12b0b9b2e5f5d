"""One condition of a segment: parsed, typed and checked before anything runs.

A condition is a yes-or-no SQL expression over the columns of one customer at one date: features,
`<target>_score`, `<target>_percentile`, `cluster_<clustering>`, `segment_<segment>` (is in that
segment) and `orders_with(category = 'COFFEE', 91)` (see purchases.py). What may be said is the
list of expressions below; everything else is refused: no statement, subquery, aggregate, window,
other function or sensitive column can reach the warehouse.
"""

import datetime
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from data_contracts.compiler.purchases import read_call
from data_contracts.definitions.condition import CALL, CLUSTER, SEGMENT, Condition, Purchase
from data_contracts.definitions.contract import ContractError

LONGEST = 4_000
NUMBER, TEXT, BOOLEAN, TIME, NOTHING = "a number", "text", "yes or no", "a date", "null"
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


@dataclass(frozen=True)
class Vocabulary:
    """What conditions may name: columns with their SQL type, and what is sensitive.

    segments: ids that `segment_<id>` may name; families: beginnings of ids that are known only in
    a run (one per leading value). counts: columns that hold a count of purchases.
    """

    columns: dict[str, str]
    sensitive: frozenset[str]
    segments: frozenset[str] = frozenset()
    families: tuple[str, ...] = ()
    counts: frozenset[str] = frozenset()

    def kind(self, name: str, where: str) -> str:
        """The kind of one column. Raises ContractError when nobody may name it."""
        if name in self.sensitive:
            raise ContractError(f"{where}: {name} is sensitive and can never define a segment")
        segment = name.removeprefix(SEGMENT)
        if segment != name and (segment in self.segments or segment.startswith(self.families)):
            return BOOLEAN
        if name in self.counts:
            return NUMBER
        if name not in self.columns:
            names = [*self.columns, *(SEGMENT + s for s in self.segments)]
            near = difflib.get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ContractError(f"{where}: {_missing(name)}{hint}")
        return _KIND_OF_TYPE.get(self.columns[name], NUMBER)


def _missing(name: str) -> str:
    """That nothing is called so, and which file would define it."""
    for prefix, folder in ((SEGMENT, "segments"), (CLUSTER, "clusterings")):
        if name.startswith(prefix):
            return f"no data_contracts/{folder}/{name.removeprefix(prefix)}.yaml defines {name}"
    return f"there is no column {name}"


_KIND_OF_TYPE = {"varchar": TEXT, "boolean": BOOLEAN, "date": TIME, "timestamp": TIME}


def read_condition(text: str, vocabulary: Vocabulary, where: str) -> Condition:
    """Parse and check the condition of a segment. `where` names file and line in every message."""
    expression = _one_expression(text, where)
    purchases = {p.column: p for p in _purchases(expression, where)}
    counted = replace(vocabulary, counts=frozenset(purchases))
    compiled = _with_purchase_columns(expression)
    if _kind(compiled, counted, where) != BOOLEAN:
        raise ContractError(
            f"{where}: {text.strip()!r} is not yes or no; compare it with something"
        )
    used = _columns_of(compiled, where)
    return Condition(_normalised(expression), used - set(purchases), tuple(purchases.values()))


def check_condition(
    text: str, columns: dict[str, str], sensitive: set[str], where: str
) -> tuple[str, set[str]]:
    """Check an expression of any kind over `columns`; returns it normalised, and its columns."""
    expression = _one_expression(text, where)
    _kind(expression, Vocabulary(columns, frozenset(sensitive)), where)
    return _normalised(expression), set(_columns_of(expression, where))


def _columns_of(expression: Any, where: str) -> frozenset[str]:
    used = frozenset(column.name for column in expression.find_all(exp.Column))
    if not used:
        raise ContractError(f"{where}: the condition names no column")
    return used


def _normalised(expression: Any) -> str:
    return str(expression.sql(dialect="duckdb", comments=False))


def parse(sql: str) -> Any:
    """The expression of a condition that has been checked."""
    return sqlglot.parse_one(sql, read="duckdb")


def _one_expression(text: str, where: str) -> Any:
    if len(text) > LONGEST:
        raise ContractError(f"{where}: a condition has at most {LONGEST:,} characters")
    try:
        statements = sqlglot.parse(f"select 1 where {text}", read="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise ContractError(
            f"{where}: not a SQL condition: {(str(error) or type(error).__name__).splitlines()[0]}"
        ) from error
    statement = statements[0]
    if len(statements) != 1 or not isinstance(statement, exp.Select):
        raise ContractError(f"{where}: one condition, not a statement")
    clause = statement.args.get("where")
    extra = {k for k, v in statement.args.items() if v} - {"expressions", "where", "kind"}
    if clause is None or extra:
        raise ContractError(f"{where}: one condition, without {', '.join(sorted(extra))}")
    return clause.this


def _is_call(node: Any) -> bool:
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == CALL


def _purchases(expression: Any, where: str) -> list[Purchase]:
    return [read_call(node, where) for node in expression.walk() if _is_call(node)]


@cache
def compiled_sql(condition: Condition) -> str:
    """The SQL of a condition with every count of purchases as the column that holds it."""
    return str(_with_purchase_columns(parse(condition.sql)).sql(dialect="duckdb"))


def _with_purchase_columns(expression: Any) -> Any:
    def replaced(node: Any) -> Any:
        return exp.column(read_call(node, "").column) if _is_call(node) else node

    return expression.transform(replaced)


def _kind(node: Any, words: Vocabulary, where: str) -> str:
    """The kind of an expression. Raises ContractError where it may not be said or cannot be."""
    for allowed, kind_of in _ALLOWED:
        if isinstance(node, allowed):
            return kind_of(node, words, where)
    if isinstance(node, exp.Func):
        raise ContractError(f"{where}: function {node.sql()!r} is not allowed")
    raise ContractError(f"{where}: {node.sql()!r} is not allowed; compare columns of one row")


def _all_of(kind: str, nodes: Iterable[Any], words: Vocabulary, where: str) -> str:
    for node in nodes:
        actual = _kind(node, words, where)
        if actual not in (kind, NOTHING):
            raise ContractError(f"{where}: {node.sql()} is {actual}, not {kind}")
    return kind


def _alike(nodes: list[Any], words: Vocabulary, where: str) -> str:
    """The one kind of several expressions that are compared or chosen between.

    Comparing text with a number would be cast silently, or fail in the middle of a run. A text
    beside a date is read as a date.
    """
    kinds = [_kind(node, words, where) for node in nodes]
    kind = TIME if TIME in kinds else next((k for k in kinds if k != NOTHING), NOTHING)
    for node, actual in zip(nodes, kinds, strict=True):
        if kind == TIME and actual == TEXT:
            if not _is_date(node):
                raise ContractError(f"{where}: {node.sql()} is not a date like '2027-01-31'")
        elif actual not in (kind, NOTHING):
            first = nodes[kinds.index(kind)]
            raise ContractError(
                f"{where}: {first.sql()} is {kind}, {node.sql()} is {actual}: not comparable"
            )
    return kind


def _is_date(node: Any) -> bool:
    if not (isinstance(node, exp.Literal) and node.is_string):
        return False
    try:
        datetime.date.fromisoformat(str(node.this)[:10])
    except ValueError:
        return False
    return True


def _kind_of_column(node: Any, words: Vocabulary, where: str) -> str:
    if node.table:
        raise ContractError(f"{where}: write {node.name}, without a table name")
    return words.kind(node.name, where)


def _kind_of_literal(node: Any, _: Vocabulary, __: str) -> str:
    return TEXT if node.is_string else NUMBER


def _kind_of_inner(node: Any, words: Vocabulary, where: str) -> str:
    return _kind(node.this, words, where)


def _kind_of_logic(node: Any, words: Vocabulary, where: str) -> str:
    return _all_of(BOOLEAN, _operands(node), words, where)


def _kind_of_arithmetic(node: Any, words: Vocabulary, where: str) -> str:
    return _all_of(NUMBER, _operands(node), words, where)


def _kind_of_text(node: Any, words: Vocabulary, where: str) -> str:
    return _all_of(TEXT, _operands(node), words, where)


def _kind_of_like(node: Any, words: Vocabulary, where: str) -> str:
    _all_of(TEXT, _operands(node), words, where)
    return BOOLEAN


def _kind_of_comparison(node: Any, words: Vocabulary, where: str) -> str:
    _alike(_operands(node), words, where)
    return BOOLEAN


def _kind_of_in(node: Any, words: Vocabulary, where: str) -> str:
    if {k for k, v in node.args.items() if v} - {"this", "expressions"}:
        raise ContractError(f"{where}: {node.sql()!r} is not allowed; list the values")
    return _kind_of_comparison(node, words, where)


def _kind_of_is(node: Any, words: Vocabulary, where: str) -> str:
    _kind(node.this, words, where)
    if not isinstance(node.expression, exp.Null):
        _all_of(BOOLEAN, [node.this, node.expression], words, where)
    return BOOLEAN


def _kind_of_case(node: Any, words: Vocabulary, where: str) -> str:
    if node.this is not None:
        raise ContractError(f"{where}: write case when ... then ... end")
    branches = node.args["ifs"]
    _all_of(BOOLEAN, [branch.this for branch in branches], words, where)
    results = [branch.args["true"] for branch in branches]
    default = node.args.get("default")
    return _alike([*results, *([default] if default is not None else [])], words, where)


def _kind_of_cast(node: Any, _: Vocabulary, where: str) -> str:
    if node.to.this != exp.DataType.Type.DATE or not _is_date(node.this):
        raise ContractError(f"{where}: {node.sql()!r}: only a date may be cast, '2027-01-31'")
    return TIME


def _operands(node: Any) -> list[Any]:
    return list(node.iter_expressions())


_ALLOWED: list[tuple[Any, Callable[[Any, Vocabulary, str], str]]] = [
    (exp.Column, _kind_of_column),
    (exp.Literal, _kind_of_literal),
    (exp.Boolean, lambda *_: BOOLEAN),
    (exp.Null, lambda *_: NOTHING),
    (exp.Paren, _kind_of_inner),
    ((exp.And, exp.Or, exp.Not), _kind_of_logic),
    ((exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Abs), _kind_of_arithmetic),
    ((*COMPARISONS, exp.Between), _kind_of_comparison),
    (exp.In, _kind_of_in),
    (exp.Is, _kind_of_is),
    (exp.Like, _kind_of_like),
    ((exp.Lower, exp.Upper), _kind_of_text),
    (
        (exp.Coalesce, exp.Greatest, exp.Least, exp.Nullif),
        lambda n, *rest: _alike(_operands(n), *rest),
    ),
    (exp.Case, _kind_of_case),
    (exp.Cast, _kind_of_cast),
]
