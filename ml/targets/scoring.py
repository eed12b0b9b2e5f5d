"""Score batches of customers: number, percentile, sufficiency and reasons, in Arrow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ml.frames import KEYS, Floats, Matrix
from ml.targets.model import FittedModel
from ml.targets.reasons import NONE, TOP, Themes, TopReasons, top_reasons, total

OK = "ok"
NOT_ENOUGH_DATA = "not_enough_data"
REASON_COLUMNS = [
    f"reason_{place}_{part}"
    for place in range(1, TOP + 1)
    for part in ("feature", "value", "contribution")
]
SCORE_COLUMNS = [
    *KEYS,
    "target",
    "score",
    "percentile",
    "model_version",
    "sufficiency",
    "sufficiency_reason",
    *REASON_COLUMNS,
]
# Few texts, many rows.
_NAMES = pa.dictionary(pa.int32(), pa.string())


class Scorer:
    """A model made ready to score many batches. A row's result depends on that row alone.

    themes: feature -> what it tells of (ml/targets/reasons.py); one that it
    lacks speaks for itself.
    """

    def __init__(self, model: FittedModel, model_version: str, themes: Mapping[str, str]) -> None:
        self.model = model
        self.model_version = model_version
        self._themes = Themes.of(model.features, themes)
        self._names = pa.array(model.features, pa.string())

    def score(self, keys: pa.Table, x: Matrix) -> pa.Table:
        """Rows of models.customer_scores for `keys` (the KEYS, n rows) and x (n, features).

        x has the model's features in its order. Every row is scored: whom the target asks about is
        the caller's to say. A few thousand rows at a time stay in the processor's cache.
        """
        parts = self.model.estimator.contributions(x)
        score = self.model.calibration.apply(total(parts))
        columns = _common(keys, self.model.target, self.model_version, OK)
        columns["sufficiency_reason"] = _constant(None, len(keys))
        columns["score"] = _numbers(score)
        columns["percentile"] = _numbers(self.model.percentile(score))
        columns |= self._reasons(top_reasons(parts, x, self._themes))
        return pa.table(columns).select(SCORE_COLUMNS)

    def _reasons(self, top: TopReasons) -> dict[str, pa.Array]:
        columns = {}
        for place in range(TOP):
            position = top.feature[place]
            names = pa.array(position, pa.int32(), mask=position == NONE)
            prefix = f"reason_{place + 1}"
            columns[f"{prefix}_feature"] = pa.DictionaryArray.from_arrays(names, self._names)
            columns[f"{prefix}_value"] = _numbers(top.value[place])
            columns[f"{prefix}_contribution"] = _numbers(top.contribution[place])
        return columns


def unscored(keys: pa.Table, target: str, reason: str) -> pa.Table:
    """Rows without a number, all not_enough_data for the same reason, in words."""
    columns = _common(keys, target, None, NOT_ENOUGH_DATA)
    columns["sufficiency_reason"] = _constant(reason, len(keys))
    for name in SCORE_COLUMNS:
        kind = _NAMES if name.endswith("feature") else pa.float64()
        columns.setdefault(name, pa.nulls(len(keys), kind))
    return pa.table(columns).select(SCORE_COLUMNS)


def arrow_matrix(columns: Mapping[str, pa.ChunkedArray], features: tuple[str, ...]) -> Matrix:
    """Columns `features` as float32 (n, features), each column's memory together; null is nan."""
    rows = len(next(iter(columns.values())))
    matrix: NDArray[np.float32] = np.empty((len(features), rows), dtype=np.float32)
    for position, name in enumerate(features):
        matrix[position] = columns[name].cast(pa.float64()).to_numpy()
    matrix[~np.isfinite(matrix)] = np.nan
    return matrix.T


def _common(
    keys: pa.Table, target: str, version: str | None, sufficiency: str
) -> dict[str, pa.Array]:
    columns = {name: keys[name] for name in KEYS}
    columns["target"] = _constant(target, len(keys))
    columns["model_version"] = _constant(version, len(keys))
    columns["sufficiency"] = _constant(sufficiency, len(keys))
    return columns


def _constant(value: str | None, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, _NAMES)
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), [value])


def _numbers(values: Floats) -> pa.Array:
    """Unknown is null."""
    return pa.array(values, mask=np.isnan(values))
