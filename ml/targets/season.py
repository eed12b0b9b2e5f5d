"""Last year's change of season, as a shift of the level.

The level of a calibration comes from mature origins, which lie a horizon back: in December it
speaks of November. Where a year and more is known, the change between the same two weeks of last
year says how the level moves, unless it would have made the newest exam worse.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from data_contracts.definitions.target import Target
from ml.frames import Floats, History
from ml.origins import YEAR

# Fewer labels tell no change.
LEAST_ROWS = 100
# A change of more than a factor of e in odds or in a mean is a break, not a season.
LARGEST = 1.0


def season_change(history: History, target: Target, day: date) -> float:
    """How the level moved last year from a horizon before `day` to `day`; 0 where it is unknown.

    In log odds for probabilities, else as the log of a ratio of means. Shrunk by its own error, so
    that what chance explains is hardly believed.
    """
    horizon = timedelta(days=target.horizon_days)
    before, after = (history.rows([d]).y for d in (day - YEAR - horizon, day - YEAR))
    if min(len(before), len(after)) < LEAST_ROWS:
        return 0.0
    measured = [_level(target, y) for y in (before, after)]
    if not all(np.isfinite(level) for level, _ in measured):
        return 0.0
    change = measured[1][0] - measured[0][0]
    noise = measured[0][1] + measured[1][1]
    kept = change**2 / (change**2 + noise) if change else 0.0
    return float(np.clip(kept * change, -LARGEST, LARGEST))


def _level(target: Target, y: Floats) -> tuple[float, float]:
    """The level of labels on the scale of its shift, and the variance of that."""
    mean = float(y.mean())
    if target.is_probability:
        if not 0.0 < mean < 1.0:
            return float("nan"), 0.0
        return float(np.log(mean / (1.0 - mean))), 1.0 / (len(y) * mean * (1.0 - mean))
    if mean <= 0.0:
        return float("nan"), 0.0
    return float(np.log(mean)), float(y.var()) / (len(y) * mean**2)
