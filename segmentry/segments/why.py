"""Why a customer is in a segment or not: each part of its condition with the customer's value."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.compiler.conjuncts import Conjunct, conjuncts
from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.to_membership import frame_sql
from data_contracts.definitions.condition import SEGMENT
from data_contracts.definitions.segment import Segment
from data_contracts.wording.conditions import ConditionWords
from segmentry.segments.versions import segments_in_force
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import reporting_currency

COLUMNS = ["segment_id", "is_member", "conjunct", "value", "holds", "condition", "words"]
_MEMBERSHIPS = """
    select segment_id from segments.segment_membership_history
    where customer_id = ? and valid_from <= ? and (valid_to is null or valid_to > ?)
"""


def why(warehouse: Warehouse, customer_id: str, as_of_date: datetime.date) -> pd.DataFrame:
    """One row per segment in force at a judged date and part of its condition, by segment.

    Columns: segment_id; is_member, by the history; conjunct, the part as SQL; value, what the
    customer has, as text (where a part reads several columns: each with its value); holds, null
    counts as no; condition: `enter`, or `exit` for what takes a member out; words: the part in
    words with what the customer has. Whoever has no features at the date gets no row.
    """
    contracts = load_contracts()
    segments = segments_in_force(warehouse, contracts, as_of_date)
    stays = warehouse.read(_MEMBERSHIPS, [customer_id, as_of_date, as_of_date])
    members = set(stays["segment_id"])
    parts = [part for segment in segments for part in _parts(segment, members)]
    asked = sorted({segment_id for segment in segments for segment_id in segment.segments})
    answers = [f"{i in members} as {SEGMENT}{i}" for i in asked]
    holds = [f"({part.conjunct.condition}) as holds_{n}" for n, part in enumerate(parts)]
    judged = warehouse.read(
        f"select *, {', '.join(holds)} "
        f"from (select {', '.join(['*', *answers])} from "
        f"({frame_sql(segments, who='(select $customer_id as customer_id)')}) as frame) as judged",
        {"as_of_date": as_of_date, "customer_id": customer_id},
    )
    book = ConditionWords(
        {name: column.description for name, column in contracts.dictionary.items()},
        {segment.segment_id: segment.name for segment in segments},
        reporting_currency(warehouse) or "",
    )
    customers = [judged.iloc[row] for row in range(len(judged))]
    rows = [part.row(one, n, book) for one in customers for n, part in enumerate(parts)]
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True)
class _Part:
    """One conjunct of one segment, seen for one customer."""

    segment_id: str
    is_member: bool
    condition: str
    conjunct: Conjunct

    def row(self, customer: pd.Series, number: int, book: ConditionWords) -> tuple[object, ...]:
        """The row of `why`."""
        holds = customer[f"holds_{number}"]
        met = bool(holds) if not pd.isna(holds) else False
        value = self._value(customer)
        words = book.tell(self.conjunct, {c: _plain(customer[c]) for c in self.conjunct.columns})
        return self.segment_id, self.is_member, self.conjunct.sql, value, met, self.condition, words

    def _value(self, customer: pd.Series) -> str | None:
        if self.conjunct.column:
            return in_words(customer[self.conjunct.column])
        named = [f"{c} {in_words(customer[c]) or 'unknown'}" for c in self.conjunct.columns]
        return ", ".join(named)


def _plain(value: Any) -> Any:
    """A value without numpy; None when it is not known."""
    if pd.isna(value):
        return None
    if isinstance(value, np.generic):
        return value.item()
    return float(value) if isinstance(value, Decimal) else value


def in_words(value: Any) -> str | None:
    """A value as a person would write it, at most four decimals; None when it is not known."""
    if pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | float | np.number | Decimal):
        return f"{float(value):.4f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    return str(value)


def _parts(segment: Segment, members: set[str]) -> list[_Part]:
    is_member = segment.segment_id in members
    sides = [("enter", segment.enter)]
    if segment.exit is not None and is_member:
        sides.append(("exit", segment.exit))
    return [
        _Part(segment.segment_id, is_member, side, conjunct)
        for side, condition in sides
        for conjunct in conjuncts(condition)
    ]
