"""Earlier features by newer models: what tells a change of model from a change of behaviour."""

import pandas as pd

from data_contracts.definitions.target import Target
from ml.clusters.model import assign_clusters
from ml.targets.model import FittedModel
from ml.targets.pooled import for_value
from segmentry.models.clusters.fitting import clustering_at
from segmentry.models.registry import champion_at
from segmentry.models.targets.pairs import read_pairs
from segmentry.project.vocabulary import (
    CLUSTERINGS,
    KEYS,
    digest_for,
    learned_columns,
    pooled_targets,
    targets_in,
)
from segmentry.segments.fold import Step
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.engines.duckdb import open_in_memory, relations
from segmentry.warehouse.facts import at_dates

SCORE_COLUMNS = ["customer_id", "target", "score", "percentile"]
CLUSTER_COLUMNS = ["customer_id", "clustering", "cluster_id"]


class Rescore:
    """Scores frames by the versions in force at the date of a step."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse

    def __call__(
        self, frame: pd.DataFrame, models: set[str], step: Step
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Scores and clusters of `frame` by the named targets and clusterings."""
        scores = [pd.DataFrame(columns=SCORE_COLUMNS)]
        clusters = [pd.DataFrame(columns=CLUSTER_COLUMNS)]
        for name in sorted(models):
            if name in CLUSTERINGS:
                in_force = clustering_at(self.warehouse, name, step.date)
                if in_force is not None:
                    assigned = assign_clusters(in_force.model, frame, in_force.model_version)
                    clusters.append(assigned[CLUSTER_COLUMNS])
                continue
            target = targets_in(self.warehouse)[name]
            version = target.version_name
            champion = champion_at(self.warehouse, version, step.date, digest_for(version))
            if champion is None:
                continue
            model = champion.target_model()
            if target.pooled_as is None:
                asked = frame.loc[_asked(frame, target.population), [*KEYS, *learned_columns()]]
                scores.append(_scores(model, asked))
            elif len(frame):
                pairs = self._pairs(frame, target)
                scores.append(_scores(for_value(model, str(target.category), name), pairs))
        return pd.concat(scores, ignore_index=True), pd.concat(clusters, ignore_index=True)

    def _pairs(self, frame: pd.DataFrame, target: Target) -> pd.DataFrame:
        """What customers of the frame have to do with the value that a target asks about."""
        dates = [pd.Timestamp(day).date() for day in frame["as_of_date"].unique()]
        written = pooled_targets()[str(target.pooled_as)]
        pairs = read_pairs(self.warehouse, written, at_dates(dates))
        is_asked = (pairs["value"] == target.category) & pairs["customer_id"].isin(
            frame["customer_id"]
        )
        return pairs[is_asked].drop(columns="value")


def _asked(frame: pd.DataFrame, population: str | None) -> "pd.Series[bool]":
    """Whom of the frame a target asks about."""
    with open_in_memory() as connection, relations(connection, customers=frame):
        answers = connection.execute(
            f"select coalesce({population or 'true'}, false) as asked from customers"
        ).df()
    return answers["asked"].set_axis(frame.index)


def _scores(model: FittedModel, frame: pd.DataFrame) -> pd.DataFrame:
    score = model.score(model.matrix(frame))
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"].to_numpy(),
            "target": model.target,
            "score": score,
            "percentile": model.percentile(score),
        }
    )
