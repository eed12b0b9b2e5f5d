"""A fitted clustering: columns of a lens, axes, and what assigns; all fitted once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.clusters.assigners import ASSIGNERS, Assigner, kind_of
from ml.clusters.columns import LensColumns
from ml.clusters.expected_spend import ExpectedSpend
from ml.clusters.space import BehaviourSpace
from ml.frames import Floats, Matrix

Axes = BehaviourSpace | ExpectedSpend
# A customer known for less than this has not shown yet where they belong.
SETTLED_DAYS = 28
ACTIVITY = "recency_days"
TENURE = "tenure_days"


@dataclass(frozen=True)
class ClusterModel:
    """A clustering in force.

    cluster_ids: persistent names, in the order of the assigner's clusters; last_id: the highest
    number ever given, so that none is given twice. names, descriptions: plain words per cluster,
    fixed at fitting. newcomers: (k,) share of each cluster among the customers that were newest
    at fitting. centres: (k, d) mean position of each cluster, spreads: (d,) deviation of the
    positions, shares: (k,) of the customers, all at fitting.
    """

    clustering: str
    candidate: str
    columns: LensColumns
    space: Axes
    assigner: Assigner
    cluster_ids: tuple[str, ...]
    last_id: int
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    newcomers: Floats
    centres: Floats
    spreads: Floats
    shares: Floats
    fitted_as_of: date
    trained_as_of: date
    parameters: dict[str, Any]

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of the mart that it reads."""
        return self.columns.sources

    def matrix(self, frame: pd.DataFrame) -> Matrix:
        """The frame's columns as (n, names) float32. Raises FeatureListError."""
        return self.columns.matrix(frame, self.clustering)

    def positions(self, x: Matrix) -> Floats:
        """Where the rows of x lie, shape (n, d)."""
        return self.space.transform(x)

    def assign(self, x: Matrix) -> NDArray[np.intp]:
        """The cluster of each row of x, 0 for the first of cluster_ids."""
        return self.assigner.predict(self.positions(x))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        arrays = {key: getattr(self, key).tolist() for key in _ARRAYS}
        return {
            **arrays,
            "clustering": self.clustering,
            "candidate": self.candidate,
            "columns": self.columns.to_dict(),
            "axes": "spend" if isinstance(self.space, ExpectedSpend) else "behaviour",
            "space": self.space.to_dict(),
            "assigns_by": kind_of(self.assigner),
            "assigner": self.assigner.to_dict(),
            "cluster_ids": list(self.cluster_ids),
            "last_id": self.last_id,
            "names": list(self.names),
            "descriptions": list(self.descriptions),
            "fitted_as_of": self.fitted_as_of.isoformat(),
            "trained_as_of": self.trained_as_of.isoformat(),
            "parameters": self.parameters,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ClusterModel:
        """The inverse of to_dict."""
        axes = ExpectedSpend if content["axes"] == "spend" else BehaviourSpace
        changed = {
            **{key: tuple(content[key]) for key in ("cluster_ids", "names", "descriptions")},
            **{k: date.fromisoformat(content[k]) for k in ("fitted_as_of", "trained_as_of")},
            **{key: np.asarray(content[key], dtype=np.float64) for key in _ARRAYS},
            "columns": LensColumns.from_dict(content["columns"]),
            "space": axes.from_dict(content["space"]),
            "assigner": ASSIGNERS[content["assigns_by"]].from_dict(content["assigner"]),
        }
        kept = {k: v for k, v in content.items() if k not in ("axes", "assigns_by")}
        return cls(**{**kept, **changed})


_ARRAYS = ("newcomers", "centres", "spreads", "shares")
ASSIGNMENT_COLUMNS = [
    "customer_id",
    "as_of_date",
    "clustering",
    "cluster_id",
    "probability",
    "is_noise",
    "is_provisional",
    "model_version",
]


def has_history(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Who has ordered; everybody where the frame does not say."""
    if ACTIVITY not in frame.columns:
        return np.ones(len(frame), dtype=np.bool_)
    return np.asarray(frame[ACTIVITY].notna())


def is_new(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Who has ordered for the first time less than SETTLED_DAYS ago."""
    if TENURE not in frame.columns:
        return np.zeros(len(frame), dtype=np.bool_)
    return np.asarray(frame[TENURE].fillna(SETTLED_DAYS) < SETTLED_DAYS)


def assign_clusters(model: ClusterModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.cluster_assignments, one per row of `frame`; each depends on itself alone.

    Whoever has not ordered yet is put provisionally where new customers most often are; whoever
    has ordered for the first time lately is provisionally where their first orders put them.
    Raises FeatureListError when a column of the model is missing.
    """
    x = model.matrix(frame)
    z = model.positions(x)
    known = has_history(frame)
    cluster = np.where(known, model.assigner.predict(z), int(model.newcomers.argmax()))
    probability = model.assigner.probabilities(z)[np.arange(len(z)), cluster]
    result = frame[["customer_id", "as_of_date"]].copy()
    result["clustering"] = model.clustering
    result["cluster_id"] = np.asarray(model.cluster_ids, dtype=object)[cluster]
    result["probability"] = np.where(known, np.clip(probability, 0.0, 1.0), model.newcomers.max())
    result["is_noise"] = known & model.assigner.is_noise(z)
    result["is_provisional"] = ~known | is_new(frame)
    result["model_version"] = model_version
    return result[ASSIGNMENT_COLUMNS]
