"""The top-level AND parts of a condition, each with what it compares where that is simple."""

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from data_contracts.compiler.conditions import compiled_sql, parse
from data_contracts.definitions.condition import Condition

_OPERATORS: dict[type, str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.LT: "<",
    exp.LTE: "<=",
}
_MIRRORED = {"=": "=", "<>": "<>", ">": "<", ">=": "<=", "<": ">", "<=": ">="}


@dataclass(frozen=True)
class Conjunct:
    """One part of a condition; all parts must hold.

    sql: the part as written. column, operator, threshold: where it compares one column (or one
    count of purchases) with one number, text or truth value; else None. columns: all it reads.
    """

    sql: str
    columns: tuple[str, ...]
    column: str | None = None
    operator: str | None = None
    threshold: float | str | bool | None = None

    @property
    def condition(self) -> str:
        """The part as SQL over the frame of a date."""
        return compiled_sql(Condition(self.sql, frozenset(self.columns), ()))


def conjuncts(condition: Condition) -> list[Conjunct]:
    """The parts of a checked condition, in the order written; `between` counts as two."""
    return [_conjunct(part) for part in _parts(parse(condition.sql))]


def _parts(node: Any) -> list[Any]:
    if isinstance(node, exp.Paren):
        return _parts(node.this)
    if isinstance(node, exp.And):
        return [*_parts(node.left), *_parts(node.right)]
    if isinstance(node, exp.Between):
        low = exp.GTE(this=node.this.copy(), expression=node.args["low"].copy())
        high = exp.LTE(this=node.this.copy(), expression=node.args["high"].copy())
        return [low, high]
    return [node]


def _conjunct(part: Any) -> Conjunct:
    sql = part.sql(dialect="duckdb")
    compiled: Any = parse(compiled_sql(Condition(sql, frozenset(), ())))
    columns = tuple(dict.fromkeys(c.name for c in compiled.find_all(exp.Column)))
    operator = _OPERATORS.get(type(compiled))
    if isinstance(compiled, exp.Column):
        return Conjunct(sql, columns, compiled.name, "=", True)
    if isinstance(compiled, exp.Not) and isinstance(compiled.this, exp.Column):
        return Conjunct(sql, columns, compiled.this.name, "=", False)
    if operator is None:
        return Conjunct(sql, columns)
    left, right = compiled.left, compiled.right
    if isinstance(right, exp.Column):
        left, right, operator = right, left, _MIRRORED[operator]
    threshold = _constant(right)
    if not isinstance(left, exp.Column) or threshold is None:
        return Conjunct(sql, columns)
    return Conjunct(sql, columns, left.name, operator, threshold)


def _constant(node: Any) -> float | str | bool | None:
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Neg):
        inner = _constant(node.this)
        return -inner if isinstance(inner, float) else None
    if isinstance(node, exp.Literal):
        return str(node.this) if node.is_string else float(node.this)
    return None
