"""How far clusters are from what they were when they were fitted: their shares, their middles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.clusters.model import ClusterModel
from ml.monitoring.drift import Reading, mean_change

# A share whose odds are half as high again, or a third lower.
SHARE_LIMIT = float(np.log(1.5))
# How far the middle of a cluster may move, in deviations of all customers.
CENTRE_LIMIT = 0.5


def cluster_readings(model: ClusterModel, frame: pd.DataFrame) -> list[Reading]:
    """Two readings of every cluster over the customers of `frame`, who all have history.

    log_odds_change: of its share. centre_shift: root mean square, over the axes, of how far its
    mean position moved, in deviations of all customers at fitting.
    """
    z = model.positions(model.matrix(frame))
    cluster = model.assigner.predict(z)
    fitted = int(model.parameters["customers"])
    readings = []
    for number, name in enumerate(model.cluster_ids):
        inside = z[cluster == number] / model.spreads
        count, share = len(inside), len(inside) / max(len(z), 1)
        before = float(model.shares[number])
        spread = (before * (1.0 - before), share * (1.0 - share))
        moved = mean_change((before, spread[0], fitted), (share, spread[1], len(z)), True)
        if moved is not None:
            size = moved.value, moved.standard_error, SHARE_LIMIT, len(z)
            readings.append(Reading("cluster", name, "log_odds_change", *size))
        if count > 1:
            change = inside.mean(axis=0) - model.centres[number] / model.spreads
            variance = inside.var(axis=0, ddof=1) * (1.0 / count + 1.0 / max(before * fitted, 1.0))
            error = float(np.sqrt(variance.mean() / len(variance)))
            size = float(np.sqrt((change**2).mean())), error, CENTRE_LIMIT, count
            readings.append(Reading("cluster", name, "centre_shift", *size))
    return readings
