"""From DataFrames to matrices: numeric columns, dates, labels joined, bounded samples."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.definitions.target import Target

KEYS = ("customer_id", "as_of_date")
MAX_TRAINING_ROWS = 500_000
# Matrices that a table keeps for the next target.
KEPT_BYTES = 256 * 2**20
_ROWS_LOCK = Lock()

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]


class FrameError(ValueError):
    """A frame cannot be used; the message names column and rule."""


def numeric_features(frame: pd.DataFrame) -> tuple[str, ...]:
    """Names of the numeric and boolean columns beside the keys, in the frame's order."""
    return tuple(
        str(name)
        for name in frame.columns
        if name not in KEYS and pd.api.types.is_numeric_dtype(frame[name].dtype)
    )


def to_matrix(frame: pd.DataFrame, features: Sequence[str]) -> Matrix:
    """Columns `features` as float32 of shape (rows, features); nulls and infinities are nan."""
    matrix = np.empty((len(frame), len(features)), dtype=np.float32)
    for position, name in enumerate(features):
        matrix[:, position] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix


def infinite_columns(frame: pd.DataFrame, features: Sequence[str]) -> list[str]:
    """Those of the columns that hold a value beyond what float32 can say."""
    largest = float(np.finfo(np.float32).max)
    return [
        name
        for name in features
        if (np.abs(frame[name].to_numpy(dtype=np.float64, na_value=np.nan)) > largest).any()
    ]


def to_days(values: pd.Series) -> NDArray[np.datetime64]:
    """Dates of any pandas or Python type as datetime64[D]."""
    return pd.to_datetime(values).to_numpy().astype("datetime64[D]")


def hash_customers(customer_ids: NDArray[np.object_]) -> NDArray[np.uint64]:
    """A fixed 64-bit hash per customer, the same in every process and release."""
    hashed = pd.util.hash_array(customer_ids.astype(object), categorize=False)
    return np.asarray(hashed, dtype=np.uint64)


def sample_by_customer(customer_ids: NDArray[np.object_], max_rows: int) -> NDArray[np.intp]:
    """Positions of at most `max_rows` rows: whole customers, chosen by hash, order kept."""
    if len(customer_ids) <= max_rows:
        return np.arange(len(customer_ids))
    hashed = hash_customers(customer_ids)
    limit = np.partition(hashed, max_rows)[max_rows]
    return np.flatnonzero(hashed < limit)


@dataclass(frozen=True)
class Rows:
    """Labelled rows of some origins: x (n, features) float32, y (n,), origin (n,), ids (n,)."""

    x: Matrix
    y: Floats
    origin: NDArray[np.datetime64]
    customer_ids: NDArray[np.object_]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, positions: NDArray[np.intp]) -> Rows:
        """Some of the rows."""
        return Rows(
            self.x[positions],
            self.y[positions],
            self.origin[positions],
            self.customer_ids[positions],
        )


@dataclass(frozen=True)
class FeatureTable:
    """The feature frame as one float32 matrix with its keys, cut by date.

    infinite: the columns that held an infinite value; all of their values are nan here.
    kept: the newest matrices that `rows` gave out.
    """

    features: tuple[str, ...]
    x: Matrix
    customer_ids: NDArray[np.object_]
    days: NDArray[np.datetime64]
    slices: dict[np.datetime64, NDArray[np.intp]] = field(repr=False)
    infinite: frozenset[str] = frozenset()
    kept: OrderedDict[bytes, Matrix] = field(default_factory=OrderedDict, init=False, repr=False)

    def rows(self, positions: NDArray[np.intp]) -> Matrix:
        """Shape (positions, features). Who asks for the same rows again gets the same array.

        So targets that ask the same customers share what is computed from their rows.
        """
        key = positions.tobytes()
        with _ROWS_LOCK:
            x = self.kept.pop(key, None)
            if x is None:
                x = self.x[positions]
                x.flags.writeable = False
            self.kept[key] = x
            while len(self.kept) > 1 and sum(m.nbytes for m in self.kept.values()) > KEPT_BYTES:
                self.kept.popitem(last=False)
            return x

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> FeatureTable:
        """Validate the keys and take every numeric column. Raises FrameError."""
        missing = [key for key in KEYS if key not in frame.columns]
        if missing:
            raise FrameError(f"the feature frame has no column {', '.join(missing)}")
        features = numeric_features(frame)
        if not features:
            raise FrameError("the feature frame has no numeric column to learn from")
        days = to_days(frame["as_of_date"])
        ids = frame["customer_id"].to_numpy(dtype=object)
        if pd.DataFrame({"id": ids, "day": days}).duplicated().any():
            raise FrameError("the feature frame has a customer twice at one as_of_date")
        order = np.argsort(days, kind="stable")
        found, starts = np.unique(days[order], return_index=True)
        parts = np.split(order, starts[1:])
        slices = dict(zip(found, parts, strict=True))
        infinite = frozenset(infinite_columns(frame, features))
        x = to_matrix(frame, features)
        x[:, [name in infinite for name in features]] = np.nan
        return cls(features, x, ids, days, slices, infinite)

    def at(self, day: date) -> NDArray[np.intp]:
        """Row positions of one date; empty when the frame does not have it."""
        nothing: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        return self.slices.get(np.datetime64(day, "D"), nothing)

    @property
    def newest(self) -> np.datetime64:
        """The newest date of the frame."""
        return max(self.slices)


class History:
    """Labelled rows of one target, by origin.

    labels: customer_id, as_of_date, target, label, for the population of the target alone; a null
    label is an outcome that is not known yet. max_rows: how many are given out at once at most.
    """

    def __init__(
        self,
        table: FeatureTable,
        labels: pd.DataFrame,
        target: Target,
        max_rows: int = MAX_TRAINING_ROWS,
    ) -> None:
        mine = labels[labels["target"] == target.name]
        is_open = mine["label"].isna()
        self._open = mine[is_open]
        mine = mine[~is_open]
        self.table = table
        self.max_rows = max_rows
        self._days = to_days(mine["as_of_date"])
        self._ids = mine["customer_id"].to_numpy(dtype=object)
        self._labels = mine["label"].to_numpy(dtype=np.float64)
        self._cache: dict[date, tuple[NDArray[np.intp], Floats]] = {}
        if target.is_probability and not np.isin(self._labels, (0.0, 1.0)).all():
            raise FrameError(f"labels of {target.name} must be 0 or 1")

    def open_at(self, day: date) -> NDArray[np.intp]:
        """Row positions of those at a date whose outcome is not known yet."""
        positions = self.table.at(day)
        here = to_days(self._open["as_of_date"]) == np.datetime64(day, "D")
        ids = pd.Index(self._open["customer_id"].to_numpy(dtype=object)[here])
        is_open = ids.get_indexer(pd.Index(self.table.customer_ids[positions])) >= 0
        return np.asarray(positions[is_open], dtype=np.intp)

    def _at(self, origin: date) -> tuple[NDArray[np.intp], Floats]:
        if origin not in self._cache:
            positions = self.table.at(origin)
            here = self._days == np.datetime64(origin, "D")
            index = pd.Index(self._ids[here])
            if not index.is_unique:
                raise FrameError(f"a customer has two labels at {origin}")
            found = index.get_indexer(pd.Index(self.table.customer_ids[positions]))
            keep = found >= 0
            self._cache[origin] = (positions[keep], self._labels[here][found[keep]])
        return self._cache[origin]

    def positions(self, origins: Iterable[date]) -> NDArray[np.intp]:
        """Positions in the table of the rows that `rows` gives, in their order."""
        return self._kept(origins)[0]

    def rows(self, origins: Iterable[date]) -> Rows:
        """All labelled rows of `origins`, at most max_rows, whole customers chosen by hash."""
        positions, y = self._kept(origins)
        return Rows(
            self.table.rows(positions),
            y,
            self.table.days[positions],
            self.table.customer_ids[positions],
        )

    def _kept(self, origins: Iterable[date]) -> tuple[NDArray[np.intp], Floats]:
        parts = [self._at(origin) for origin in origins]
        positions = np.concatenate([p for p, _ in parts] or [np.empty(0, dtype=np.intp)])
        y = np.concatenate([v for _, v in parts] or [np.empty(0)])
        kept = sample_by_customer(self.table.customer_ids[positions], self.max_rows)
        return positions[kept], y[kept]


def varying_columns(x: Matrix) -> NDArray[np.intp]:
    """Positions of the columns that have at least two different known values."""
    low = np.fmin.reduce(x, axis=0, initial=np.inf)
    high = np.fmax.reduce(x, axis=0, initial=-np.inf)
    return np.flatnonzero(high > low)
