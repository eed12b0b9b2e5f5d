"""What every section of the page gets: a reader, the date, the targets, words and a renderer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from data_contracts.definitions.target import Kind, Target
from data_contracts.wording.columns import column_heading
from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import money
from data_contracts.wording.scores import score_words, unit_words
from segmentry.report.theme import Renderer
from segmentry.warehouse.door import Reader

# What a section hands to its template; see templates/section.html.jinja for the common keys.
Section = dict[str, Any]
# Target -> the lines of its model card in short: label and text.
CardLines = Mapping[str, list[tuple[str, str]]]

_AS_OF = """
    select max(as_of_date)::date from (
        select as_of_date from segments.customer_360
        union all select as_of_date from features.customer_features
        union all select as_of_date from segments.segment_summary) as dates
    having max(as_of_date) is not null
"""


@dataclass(frozen=True)
class Page:
    """One report. as_of: the newest date that was built, None before the first run.

    descriptions: column -> the dictionary's description. targets: by name; what tables hold of a
    target that the project no longer has is not shown.
    """

    reader: Reader
    as_of: date | None
    currency: str
    descriptions: Mapping[str, str]
    targets: Mapping[str, Target]
    cards: CardLines
    draw: Renderer

    def read(self, sql: str) -> pd.DataFrame:
        """The result of one query, in which $as_of is the date of the page."""
        return self.reader.read(sql, {"as_of": self.as_of} if "$as_of" in sql else None)

    def read_by_target(self, sql: str) -> pd.DataFrame:
        """The rows of a query whose target is one of the project's."""
        rows = self.read(sql)
        return rows[rows["target"].isin(list(self.targets))]

    def money(self, amount: Any) -> str:
        """An amount in the currency that the shop reports in."""
        return money(amount, self.currency)

    def feature(self, name: str) -> str:
        """A feature as a heading."""
        return column_heading(self.descriptions.get(name, ""), name)

    def question(self, target: str) -> str:
        """The question that a target's scores answer."""
        return self.targets[target].question

    def subject(self, name: str) -> str:
        """What a model is about: the question of a target, or the clusters of a lens."""
        return self.question(name) if name in self.targets else f"Clusters: {humanise(name)}"

    def kind(self, target: str) -> Kind:
        """What a target's scores are."""
        return self.targets[target].kind

    def unit(self, target: str) -> str:
        """The unit of a target's scores; empty for chances and counts."""
        return unit_words(self.kind(target), self.currency)

    def score(self, target: str, score: Any) -> str:
        """A score as what it is: a chance, money, a number or days."""
        asked = self.targets[target]
        return score_words(
            asked.kind, score, currency=self.currency, horizon_days=asked.horizon_days
        )


def newest_date(reader: Reader) -> date | None:
    """The newest date of the published tables, None before the first run."""
    newest = reader.scalar(_AS_OF)
    return newest if isinstance(newest, date) else None


def records(frame: pd.DataFrame) -> list[Any]:
    """The rows as named tuples, whose values are what the query returned."""
    return list(frame.itertuples(index=False))


def is_true(values: "pd.Series[Any]") -> "pd.Series[bool]":
    """A column of truth values in which missing is false."""
    return values.fillna(False).astype(bool)
