"""Features that tell too much.

One feature that ranks the outcomes of a later window almost without an error was most likely
filled from that window: people are never that predictable. A model that trusts it looks perfect
in every backtest and fails on the first day it scores, when the future is not there yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from data_contracts.definitions.target import Target
from data_contracts.wording.dates import day_words
from ml.frames import Floats, History, Rows, varying_columns
from ml.origins import Plan

# The best single features of real shops reach an AUC of .9; .995 leaves room for dormant ones.
SUSPICIOUS = 0.995
# Enough to know an AUC of .995 from one of .99; the check costs a sort of every column.
CHECKED_ROWS = 4000
BINS = 64


@dataclass(frozen=True)
class Suspicion:
    """A feature that tells the label, and how well: an AUC or a rank correlation, 0..1."""

    feature: str
    strength: float
    measure: str


def suspect_leak(rows: Rows, features: Sequence[str], target: Target) -> Suspicion | None:
    """The feature that most nearly tells the label by itself, if it does so suspiciously well.

    Looked for are rankings (with unknown values at either end), and any other dependence in 64
    bins of equal count, unknown values a bin of their own. Features that the target's file trusts
    are left out.
    """
    step = max(1, len(rows) // CHECKED_ROWS)
    x, y = rows.x[::step], rows.y[::step]
    told = varying_columns(x).tolist()
    trusted = [p for p in told if features[p] not in target.trusted_features]
    happened = target.happened(y)
    if not trusted or len(y) < 2:
        return None
    ranks = rankdata(np.nan_to_num(x[:, trusted], nan=-np.inf), axis=0)
    found: list[tuple[Floats, str]] = []
    if 0 < int(happened.sum()) < len(y):
        found.append((_aucs(ranks, happened), "AUC"))
        turned = rankdata(np.nan_to_num(x[:, trusted], nan=np.inf), axis=0)
        found.append((_aucs(turned, happened), "AUC"))
        found.append((_binned_aucs(ranks, happened), "AUC"))
    if not target.is_probability and float(np.ptp(y)) > 0.0:
        found.append((_correlations(ranks, rankdata(y)), "rank correlation"))
    best = None
    for strengths, measure in found:
        position = int(strengths.argmax())
        strength = float(strengths[position])
        if strength >= SUSPICIOUS and (best is None or strength > best.strength):
            best = Suspicion(features[trusted[position]], strength, measure)
    return best


def leak_words(history: History, target: Target, plan: Plan) -> str | None:
    """Why a target is not trained, and what to do, if a feature tells its label; else None.

    Looked at is the newest mature origin, on which every candidate is judged.
    """
    if plan.newest is None:
        return None
    day = plan.newest.origin
    suspicion = suspect_leak(history.rows([day]), history.table.features, target)
    if suspicion is None:
        return None
    return (
        f"leak suspected: {suspicion.feature} alone tells the outcome of {target.name} "
        f"({suspicion.measure} {suspicion.strength:.3f} at {day_words(day)}); see that it holds "
        "only what was known at the date, or, if so, list it under trusted_features in the "
        "target's file"
    )


def _aucs(ranks: Floats, happened: NDArray[np.bool_]) -> Floats:
    """AUC of every column (rows, columns) of ranks, whichever way it points."""
    positives = float(happened.sum())
    negatives = len(happened) - positives
    total = ranks[happened].sum(axis=0)
    area = (total - positives * (positives + 1) / 2) / (positives * negatives)
    return np.asarray(np.maximum(area, 1.0 - area))


def _binned_aucs(ranks: Floats, happened: NDArray[np.bool_]) -> Floats:
    """AUC of every column when its bins are ordered by how often the outcome came about."""
    rows, columns = ranks.shape
    place = np.minimum((ranks - 0.5) / rows * BINS, BINS - 1).astype(np.intp)
    flat = place + np.arange(columns) * BINS
    size = columns * BINS
    hits = np.bincount(flat[happened].ravel(), minlength=size).reshape(columns, BINS)
    misses = np.bincount(flat[~happened].ravel(), minlength=size).reshape(columns, BINS)
    order = np.argsort(hits / np.maximum(hits + misses, 1), axis=1, kind="stable")
    hits = np.take_along_axis(hits, order, axis=1)
    misses = np.take_along_axis(misses, order, axis=1)
    below = np.cumsum(misses, axis=1) - misses
    area = (hits * (below + misses / 2.0)).sum(axis=1)
    return np.asarray(area / (hits.sum(axis=1) * misses.sum(axis=1)))


def _correlations(ranks: Floats, of_labels: Floats) -> Floats:
    """Absolute rank correlation of every column with the labels."""
    centred = ranks - ranks.mean(axis=0)
    labels = of_labels - of_labels.mean()
    scale = np.sqrt((centred**2).sum(axis=0) * (labels**2).sum())
    return np.asarray(np.abs(labels @ centred) / np.maximum(scale, 1e-12))
