"""Customers outside a segment who are most like those inside.

A regularised logistic model tells members from the others by everything but the definition: the
columns that it names, and those that say the same, are left out, or the answer would be who has
almost reached the threshold (that is what near misses are for). Members and others are samples
of bounded size, so that the cost is bounded; all others are ranked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from ml.estimators.linear import NumericBasis
from ml.frames import Floats, Matrix, sample_by_customer, to_matrix

MIN_MEMBERS = 30
MAX_SAMPLE = 20_000
# A column whose ranks go with those of the definition more closely than this says the same.
SAME = 0.7
# Whoever is less typical than nine in ten members is not like them.
LEAST_LIKENESS = 0.1
REASONS = 3
PENALTY = 0.05
BLOCK_ROWS = 100_000


@dataclass(frozen=True)
class Likeness:
    """A fitted likeness: features that it looks at, and what each adds.

    members_: the sorted scores of the sampled members, by which a score is read.
    """

    features: tuple[str, ...]
    basis: NumericBasis
    scaler: StandardScaler
    weights: Floats
    member_scores: Floats

    def contributions(self, x: Matrix) -> Floats:
        """What each feature adds to the likeness; shape (rows, features)."""
        parts = self.scaler.transform(self.basis.transform(x)) * self.weights
        added = np.zeros((len(x), len(self.features)))
        for output, source in enumerate(self.basis.source_):
            added[:, source] += parts[:, output]
        return added

    def read(self, scores: Floats) -> Floats:
        """The share of members that are less typical, 0 to 1."""
        return np.asarray(np.searchsorted(self.member_scores, scores) / len(self.member_scores))


def fit_likeness(
    frame: pd.DataFrame, is_member: NDArray[np.bool_], features: Sequence[str], defined_by: set[str]
) -> Likeness | None:
    """Learn what sets members apart; None with fewer than MIN_MEMBERS on either side.

    So it is where nothing but the definition is known.

    frame: one row per customer with customer_id and `features` (numeric); defined_by: the columns
    of the segment's definition.
    """
    ids = frame["customer_id"].to_numpy(dtype=object)
    samples = [
        np.flatnonzero(side)[sample_by_customer(ids[side], MAX_SAMPLE)]
        for side in (is_member, ~is_member)
    ]
    if min(map(len, samples)) < MIN_MEMBERS:
        return None
    rows = np.concatenate(samples)
    x = to_matrix(frame.iloc[rows], features)
    kept = _says_something_else(x, features, defined_by)
    if not len(kept):
        return None
    chosen = tuple(features[position] for position in kept)
    basis = NumericBasis().fit(x[:, kept])
    scaler = StandardScaler().fit(basis.transform(x[:, kept]))
    scaled = scaler.transform(basis.transform(x[:, kept]))
    model = LogisticRegression(C=PENALTY, max_iter=500, class_weight="balanced")
    with threadpool_limits(1):
        model.fit(scaled, is_member[rows])
    scores = scaled[: len(samples[0])] @ model.coef_[0]
    return Likeness(chosen, basis, scaler, model.coef_[0], np.sort(scores))


def _says_something_else(
    x: Matrix, features: Sequence[str], defined_by: set[str]
) -> NDArray[np.intp]:
    """Positions of the features that neither define the segment nor go with what does."""
    ranks = rankdata(np.where(np.isnan(x), -np.inf, x), axis=0)
    spread = ranks.std(axis=0)
    standard = (ranks - ranks.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    defining = [position for position, name in enumerate(features) if name in defined_by]
    alike = np.abs(standard.T @ standard[:, defining] / len(x)) if defining else np.zeros((0, 0))
    same = alike.max(axis=1) > SAME if defining else np.zeros(len(features), dtype=bool)
    return np.asarray(np.flatnonzero(~same & (spread > 0)))


def rank_lookalikes(
    likeness: Likeness, frame: pd.DataFrame, is_member: NDArray[np.bool_], wanted: int
) -> pd.DataFrame:
    """The `wanted` customers outside with the highest likeness, the first by id among equals.

    Fewer where fewer are more typical than LEAST_LIKENESS of the members.

    Columns: customer_id, rank, likeness, and three features that make them alike, with values.
    """
    outside = frame.loc[~is_member].reset_index(drop=True)
    x = to_matrix(outside, likeness.features)
    blocks = range(0, len(x), BLOCK_ROWS)
    parts = [likeness.contributions(x[start : start + BLOCK_ROWS]).sum(axis=1) for start in blocks]
    scores = np.concatenate(parts) if parts else np.empty(0)
    order = np.lexsort((outside["customer_id"].to_numpy(dtype=str), -scores))[:wanted]
    order = order[likeness.read(scores[order]) >= LEAST_LIKENESS]
    found = pd.DataFrame(
        {
            "customer_id": outside["customer_id"].to_numpy()[order],
            "rank": np.arange(1, len(order) + 1),
            "likeness": likeness.read(scores[order]),
        }
    )
    added = likeness.contributions(x[order])
    best = np.argsort(-added, axis=1, kind="stable")
    names = np.asarray(likeness.features, dtype=object)
    here = np.arange(len(order))
    for place in range(REASONS):
        position = best[:, min(place, len(names) - 1)]
        adds = (added[here, position] > 0) & (place < len(names))
        named = names[position]
        named[~adds] = None
        found[f"reason_{place + 1}_feature"] = named
        value = x[order][here, position].astype(np.float64)
        found[f"reason_{place + 1}_value"] = np.where(adds, value, np.nan)
    return found
