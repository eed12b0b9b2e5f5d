"""Score a frame: number, percentile, sufficiency and reasons for every customer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.explain import TOP, contributions, top_positions
from ml.frames import KEYS, Matrix
from ml.model import FittedModel

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
# Contributions are (rows x features) doubles; blocks keep a million customers in bounds.
BLOCK_ROWS = 50_000


def score_frame(model: FittedModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.customer_scores, one per row of `frame`, in its order and with its index.

    Every row is scored: whom the target asks about is the caller's to say. A row's result depends
    on that row alone. Raises FeatureListError for another feature list.
    """
    x = model.matrix(frame)
    result = unscored_frame(frame, model.target, None, model_version)
    parts = [
        _score_block(model, x[start : start + BLOCK_ROWS]) for start in range(0, len(x), BLOCK_ROWS)
    ]
    if parts:
        scored = pd.concat(parts)
        for name in scored.columns:
            result[name] = scored[name].to_numpy()
        result["sufficiency"] = OK
    return result[SCORE_COLUMNS]


def unscored_frame(
    frame: pd.DataFrame, target: str, reason: str | None, model_version: str | None = None
) -> pd.DataFrame:
    """Rows without a number, all not_enough_data for the same reason, in words."""
    result = frame[list(KEYS)].copy()
    result["target"] = target
    result["score"] = np.nan
    result["percentile"] = np.nan
    result["model_version"] = pd.Series(model_version, index=frame.index, dtype=object)
    result["sufficiency"] = NOT_ENOUGH_DATA
    result["sufficiency_reason"] = pd.Series(reason, index=frame.index, dtype=object)
    for name in REASON_COLUMNS:
        empty = None if name.endswith("feature") else np.nan
        kind = object if name.endswith("feature") else np.float64
        result[name] = pd.Series(empty, index=frame.index, dtype=kind)
    return result[SCORE_COLUMNS]


def _score_block(model: FittedModel, x: Matrix) -> pd.DataFrame:
    score = model.score(x)
    block = {"score": score, "percentile": model.percentile(score)}
    parts = contributions(model, x)
    best = top_positions(parts)
    rows = np.arange(len(x))
    names = np.asarray(model.features, dtype=object)
    for place in range(min(TOP, best.shape[1])):
        position = best[:, place]
        contribution = parts[rows, position]
        silent = contribution == 0.0
        prefix = f"reason_{place + 1}"
        named = names[position]
        named[silent] = None
        block[f"{prefix}_feature"] = named
        value = x[rows, position].astype(np.float64)
        block[f"{prefix}_value"] = np.where(silent, np.nan, value)
        block[f"{prefix}_contribution"] = np.where(silent, np.nan, contribution)
    return pd.DataFrame(block)
