"""Columns that can teach nothing are left out before anything is fitted.

A mart made for many kinds of shops is mostly empty at each of them, and empty columns cost time in
every fit and every prediction.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ml.frames import FeatureTable, varying_columns


@dataclass(frozen=True)
class InformativeColumns:
    """A feature table without the columns that teach nothing.

    table: what is left. columns: the positions of its columns in the whole table. dropped: name of
    each column left out -> why: 'infinite', 'all null', 'constant', or
    'same as NAME'.
    """

    table: FeatureTable
    columns: NDArray[np.intp]
    dropped: dict[str, str]


def keep_informative(table: FeatureTable, needed: Collection[str] = ()) -> InformativeColumns:
    """Leave out constant and unknown columns, and copies of an earlier column; never `needed`."""
    names = table.features
    first_with: dict[bytes, int] = {}
    kept: list[int] = []
    same: dict[int, int] = {}
    varying = set(varying_columns(table.x).tolist())
    for position, name in enumerate(names):
        if position not in varying and name not in needed:
            continue
        column = np.ascontiguousarray(table.x[:, position]).tobytes()
        if column in first_with and name not in needed:
            same[position] = first_with[column]
        else:
            first_with[column] = position
            kept.append(position)
    dropped = {}
    for position in sorted(set(range(len(names))) - set(kept)):
        if position in same:
            dropped[names[position]] = f"same as {names[same[position]]}"
        else:
            dropped[names[position]] = _why(table, position)
    columns = np.asarray(kept, dtype=np.intp)
    features = tuple(names[position] for position in kept)
    left = replace(table, features=features, x=np.ascontiguousarray(table.x[:, columns]))
    return InformativeColumns(left, columns, dropped)


def _why(table: FeatureTable, position: int) -> str:
    """Why a column that does not vary teaches nothing."""
    if table.features[position] in table.infinite:
        return "infinite"
    return "all null" if np.isnan(table.x[:, position]).all() else "constant"
