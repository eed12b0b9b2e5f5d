"""A part of a condition in words, with what a customer has.

`recency_days >= 60` is 'days since the last order at least 60 (is 75)': columns are called what the
dictionary calls them. What has no words here stays SQL.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from data_contracts.compiler.conditions import parse
from data_contracts.compiler.conjuncts import Conjunct
from data_contracts.compiler.purchases import read_call
from data_contracts.compiler.to_membership import model_of
from data_contracts.definitions.condition import CALL, CLUSTER, SEGMENT
from data_contracts.wording.columns import column_noun
from data_contracts.wording.numbers import in_unit, percent
from data_contracts.wording.phrases import phrase_book

_COMPARED: dict[type, str] = {
    exp.GTE: "at least",
    exp.GT: "more than",
    exp.LTE: "at most",
    exp.LT: "less than",
    exp.EQ: "exactly",
    exp.NEQ: "other than",
}
_JOINED: dict[type, str] = {
    exp.And: "and",
    exp.Or: "or",
    exp.Add: "plus",
    exp.Sub: "less",
    exp.Mul: "times",
    exp.Div: "divided by",
}


@dataclass(frozen=True)
class ConditionWords:
    """What conditions call things.

    descriptions: column -> the dictionary's description; segments: id -> name.
    """

    descriptions: Mapping[str, str]
    segments: Mapping[str, str]
    currency: str

    def tell(self, part: Conjunct, values: Mapping[str, Any]) -> str:
        """The part in words. values: column -> what the customer has, None where not known."""
        teller = _Teller(self, values, is_simple=len(part.columns) == 1)
        words = teller.words(parse(part.sql))
        column = part.columns[0]
        value = values.get(column)
        if not teller.is_simple or column.startswith(SEGMENT):
            return words
        if column in phrase_book().flags and value is not None:
            return words
        return f"{words} (is {self.value(column, value)})"

    def noun(self, column: str) -> str:
        """What a column is called in a sentence."""
        if column.startswith(CLUSTER):
            return f"cluster of {model_of(column)}"
        model = model_of(column)
        if model:
            what = "rank by" if column.endswith("_percentile") else "answer to"
            question = self.descriptions.get(f"{model}_score", "").partition(": ")[2]
            return f'{what} "{question}"' if question else f"{what} {model}"
        return column_noun(self.descriptions.get(column, ""), column)

    def value(self, column: str, value: Any) -> str:
        """A value as it is said beside its noun."""
        if value is None:
            return "not known"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, int | float):
            return str(value)
        if column.endswith("_percentile"):
            return percent(value)
        words = in_unit(column, float(value), self.currency)
        # The noun says what is counted: 'days since the last order at least 60'.
        return re.sub(r" (days?|times)$", "", words)


@dataclass(frozen=True)
class _Teller:
    """Tells one part; where it reads several columns, each has its value beside it."""

    book: ConditionWords
    customer: Mapping[str, Any]
    is_simple: bool

    def words(self, node: Any) -> str:
        if isinstance(node, exp.Paren):
            inner = self.words(node.this)
            return f"({inner})" if isinstance(node.this, exp.Or) else inner
        if isinstance(node, exp.Coalesce):
            return self.words(node.this)
        if isinstance(node, exp.Not):
            return self._not(node.this)
        if isinstance(node, exp.Column):
            return self._column(node.name)
        if isinstance(node, exp.Literal):
            return str(node.this)
        if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
            return f"{self.words(node.this)} not known"
        if isinstance(node, exp.Anonymous) and str(node.this).lower() == CALL:
            return self._orders_with(node)
        if isinstance(node, exp.Between):
            inner = _inner(node.this)
            low, high = (self._beside(inner, node.args[side]) for side in ("low", "high"))
            return f"{self.words(node.this)} from {low} to {high}"
        if type(node) in _COMPARED:
            return self._comparison(node)
        if type(node) in _JOINED:
            sides = [self.words(side) for side in (node.left, node.right)]
            if isinstance(node, exp.Or):
                both = zip((node.left, node.right), sides, strict=True)
                sides = [
                    f"({side_words})" if isinstance(side, exp.And) else side_words
                    for side, side_words in both
                ]
            return f" {_JOINED[type(node)]} ".join(sides)
        return str(node.sql(dialect="duckdb"))

    def _comparison(self, node: Any) -> str:
        column, constant = _inner(node.left), node.right
        is_text = isinstance(constant, exp.Literal) and constant.is_string
        flags = phrase_book().flags
        if isinstance(node, exp.EQ) and isinstance(column, exp.Column) and column.name in flags:
            flag = flags[column.name]
            return flag.no if str(constant.this) == "0" else flag.yes
        word = "is" if isinstance(node, exp.EQ) and is_text else _COMPARED[type(node)]
        return f"{self.words(node.left)} {word} {self._beside(column, constant)}"

    def _not(self, node: Any) -> str:
        if isinstance(node, exp.Column) and node.name.startswith(SEGMENT):
            return f"not {self._column(node.name)}"
        return f"not ({self.words(node)})"

    def _column(self, name: str) -> str:
        if name.startswith(SEGMENT):
            segment = name.removeprefix(SEGMENT)
            return f"in '{self.book.segments.get(segment, segment)}'"
        value = "" if self.is_simple else f" ({self.book.value(name, self.customer.get(name))})"
        return f"{self.book.noun(name)}{value}"

    def _beside(self, left: Any, right: Any) -> str:
        """What is compared with: a number is said in the unit of the one column on the left."""
        if isinstance(right, exp.Literal) and not right.is_string and isinstance(left, exp.Column):
            return self.book.value(left.name, float(right.this))
        return self.words(right)

    def _orders_with(self, node: Any) -> str:
        purchase = read_call(node, "")
        lines = _lines(node.expressions[0])
        window = f" in the last {purchase.within_days} days" if purchase.within_days else ""
        value = self.book.value(purchase.column, self.customer.get(purchase.column))
        return f"orders with {lines}{window}{'' if self.is_simple else f' ({value})'}"


def _inner(node: Any) -> Any:
    """The column that a default is given for."""
    return node.this if isinstance(node, exp.Coalesce) else node


def _lines(node: Any) -> str:
    """Which lines a count of purchases counts: 'category COFFEE or TEA'."""
    if isinstance(node, exp.Paren):
        return f"({_lines(node.this)})"
    if isinstance(node, exp.And | exp.Or):
        return f"{_lines(node.left)} {_JOINED[type(node)]} {_lines(node.right)}"
    values = [node.expression] if isinstance(node, exp.EQ) else node.expressions
    return f"{node.this.name} {' or '.join(str(value.this) for value in values)}"
