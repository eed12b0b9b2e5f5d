"""What a shuffled test would have said of a model, to show how kind it is.

Rows of the same customers and the same weeks stand on both sides of a random split, so that it
tells how well the past is remembered. Nothing is chosen by it.
"""

from __future__ import annotations

import numpy as np

from data_contracts.definitions.target import Target
from ml.frames import History
from ml.origins import Fold
from ml.targets.candidates import TREES, fit_candidates
from ml.targets.exam import Exam, calibrate_on, is_learnable

# One row in so many is held back.
HELD_BACK = 5
# One candidate shows the difference.
CANDIDATE = TREES


def evaluate_shuffled(target: Target, history: History, fold: Fold, seed: int) -> Exam | None:
    """LightGBM on four fifths of the rows that the time split fits on, evaluated on the others.

    The exam bears the date of the time split that it stands beside. None where it cannot be held.
    """
    rows = history.rows(fold.fit_origins)
    fifth = np.random.default_rng(seed).permutation(len(rows)) % HELD_BACK
    seen, unseen = rows.take(np.flatnonzero(fifth > 0)), rows.take(np.flatnonzero(fifth == 0))
    if not is_learnable(target, seen) or not len(unseen):
        return None
    fitted = fit_candidates(
        target.kind, history.table.features, seen.x, seen.y, seed, only=CANDIDATE
    )
    model = fitted.get(CANDIDATE)
    if model is None:
        return None
    margin = model.margin(unseen.x)
    calibration = calibrate_on(target, 1.0, model.margin(seen.x), seen)
    scores = {CANDIDATE: calibration.apply(margin)}
    return Exam(fold.origin, unseen.y, {CANDIDATE: margin}, scores)
