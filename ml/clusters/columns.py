"""The columns of a lens as numbers: text becomes one 0/1 column per leading value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.frames import Matrix, to_matrix
from ml.targets.model import check_features

# A value that fewer customers than this carry makes no group of its own.
LEADING_SHARE = 0.02
MOST_LEVELS = 8
JOINT = " = "


@dataclass(frozen=True)
class LensColumns:
    """Which columns of the mart are read, and how text among them is laid out.

    numeric: columns taken as they are; levels: text column -> its leading values. Both are learned
    once, so that a later frame gives the same columns in the same order.
    """

    numeric: tuple[str, ...]
    levels: dict[str, tuple[str, ...]]

    @classmethod
    def fit(cls, frame: pd.DataFrame, columns: Sequence[str]) -> LensColumns:
        """Learn the leading values of text columns in `frame`."""
        numeric = [c for c in columns if pd.api.types.is_numeric_dtype(frame[c].dtype)]
        levels = {c: _leading(frame[c]) for c in columns if c not in numeric}
        return cls(tuple(numeric), {c: found for c, found in levels.items() if found})

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns of the mart that are read."""
        return self.numeric + tuple(self.levels)

    @property
    def names(self) -> tuple[str, ...]:
        """One name per column of the matrix, such as 'spend_91d_amount' or 'region = North'."""
        told = [
            f"{column}{JOINT}{value}" for column in self.levels for value in self.levels[column]
        ]
        return self.numeric + tuple(told)

    def matrix(self, frame: pd.DataFrame, who: str) -> Matrix:
        """Shape (n, names), float32. Raises FeatureListError naming `who` when a column is gone."""
        check_features(
            self.sources, [c for c in self.sources if c in frame.columns], f"clustering {who}"
        )
        indicators = [
            np.where(frame[column].isna(), np.nan, frame[column] == value).astype(np.float32)
            for column, values in self.levels.items()
            for value in values
        ]
        numbers = to_matrix(frame, self.numeric)
        return np.column_stack([numbers, *indicators]) if indicators else numbers

    def positions(self, columns: Sequence[str]) -> list[int]:
        """Where the columns of the mart lie in the matrix."""
        wanted = set(columns)
        return [
            position for position, name in enumerate(self.names) if name.split(JOINT)[0] in wanted
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        levels = {column: list(values) for column, values in self.levels.items()}
        return {"numeric": list(self.numeric), "levels": levels}

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> LensColumns:
        """The inverse of to_dict."""
        levels = {column: tuple(values) for column, values in content["levels"].items()}
        return cls(tuple(content["numeric"]), levels)


def _leading(values: pd.Series) -> tuple[str, ...]:
    """The values that most customers carry; ties in the order of the words."""
    counts = values.dropna().astype(str).value_counts().sort_index()
    counts = counts.sort_values(ascending=False, kind="stable")
    return tuple(counts[counts >= LEADING_SHARE * max(len(values), 1)].index[:MOST_LEVELS])
