"""Whether newly fitted clusters replace those that people know."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from data_contracts.definitions.lens import Lens
from ml.clusters.candidates import halves, holdout_r2
from ml.clusters.customers import Customers, customers_of
from ml.clusters.fitting import ClusteringResult
from ml.clusters.model import ClusterModel
from ml.frames import to_days
from ml.origins import MONTH_DAYS
from ml.promotion import Promotion, Verdict, decide, first_version, not_trained, without_rival

# New clusters move everybody; they must say this much more of the spending (R2) than those that
# people know, or say no less and hold still this much better over a month (ARI).
WORTH_MOVING = 0.05
STEADIER = 0.1


def decide_clustering_promotion(
    result: ClusteringResult,
    champion: ClusterModel | None,
    frame: pd.DataFrame,
    labels: pd.DataFrame,
    lens: Lens,
    value_target: str = "spend_91d",
) -> Promotion:
    """Whether a newly fitted clustering replaces the one in force.

    Clusters that people know stay, unless the new ones are clearly better on the customers at the
    date they were fitted at, in what they say about the next 13 weeks' spending or in holding still
    over a month, and clearly worse in neither; or unless the old ones cannot be assigned any more.
    """
    model = result.model
    if model is None:
        return not_trained(result.reason)
    if champion is None:
        return first_version("clusters", result.reason)
    if not set(champion.features) <= set(lens.columns):
        return without_rival("the clusters in force know columns that the lens has no more")
    people = customers_of(frame, labels, model.trained_as_of, lens, value_target)
    old_r2, old_month = _figures(champion, people, frame, int(model.parameters["seed"]))
    new_r2 = float(model.parameters.get("holdout_r2", np.nan))
    new_month = float(model.parameters.get("month_ari", np.nan))
    comparison = f"the new clusters explain {new_r2:.0%} of spending against {old_r2:.0%}"
    if np.isfinite(new_month - old_month):
        comparison += f", with {new_month:.2f} agreement after a month against {old_month:.2f}"
    return decide(_verdict(new_r2 - old_r2, new_month - old_month), comparison, equals_stay=True)


def _verdict(more: float, steadier: float) -> Verdict:
    """more: spending explained (R2). steadier: agreement after a month (ARI), nan where unknown."""
    if more > WORTH_MOVING and not steadier < -STEADIER:
        return "better"
    if steadier > STEADIER and not more < -WORTH_MOVING:
        return "better"
    return "as good"


def _figures(
    champion: ClusterModel, people: Customers, frame: pd.DataFrame, seed: int
) -> tuple[float, float]:
    """R2 and month ARI of the clusters in force, where the new ones were evaluated."""
    cluster = champion.assign(champion.matrix(people.frame))
    turns = [holdout_r2(cluster, people.value, half) for half in halves(len(cluster), seed)]
    if not len(people.later_from):
        return float(np.mean(turns)), float("nan")
    month_later = np.datetime64(people.fitted_as_of + timedelta(days=MONTH_DAYS), "D")
    later = frame[to_days(frame["as_of_date"]) == month_later].set_index("customer_id")
    ids: Sequence[str] = people.frame["customer_id"].iloc[people.later_from].tolist()
    again = champion.assign(champion.matrix(later.loc[ids]))
    return float(np.mean(turns)), float(adjusted_rand_score(cluster[people.later_from], again))
