"""A fitted clustering: a pipeline fitted once, and a Gaussian mixture on top.

KMeans is kept as what it is, a mixture of equal round clusters, so that both kinds assign, give
probabilities and are stored in one way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from ml.cluster_space import BehaviourSpace
from ml.frames import Floats, Matrix, numeric_features, to_matrix
from ml.model import check_features

# The least likely share of the training customers is called noise.
NOISE_SHARE = 0.01


@dataclass(frozen=True)
class Mixture:
    """k Gaussians in d dimensions: weights (k,), means (k, d), roots (k, d, d) of the precision."""

    weights: Floats
    means: Floats
    roots: Floats

    def log_density(self, z: Floats) -> Floats:
        """Weighted log density of each cluster, shape (n, k)."""
        centred = z[:, None, :] - self.means[None, :, :]
        whitened = np.einsum("nkd,kde->nke", centred, self.roots, optimize=False)
        spread = np.log(np.abs(np.linalg.det(self.roots)))
        constant = np.log(self.weights) + spread - 0.5 * z.shape[1] * np.log(2.0 * np.pi)
        return np.asarray(constant - 0.5 * (whitened**2).sum(axis=2))

    def predict(self, z: Floats) -> NDArray[np.intp]:
        """The likeliest cluster of each row."""
        return np.asarray(self.log_density(z).argmax(axis=1), dtype=np.intp)

    def ordered(self, order: NDArray[np.intp]) -> Mixture:
        """The same mixture with its clusters in another order."""
        return Mixture(self.weights[order], self.means[order], self.roots[order])


@dataclass(frozen=True)
class ClusterModel:
    """A clustering in force. Cluster ids are c1, c2, ... from the highest value down.

    names, descriptions: plain words per cluster, fixed at fitting. noise_below: log density under
    which a customer belongs nowhere.
    """

    clustering: str
    candidate: str
    features: tuple[str, ...]
    activity_feature: str | None
    space: BehaviourSpace
    mixture: Mixture
    noise_below: float
    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    fitted_as_of: date
    trained_as_of: date
    parameters: dict[str, Any]

    @property
    def cluster_ids(self) -> tuple[str, ...]:
        """c1 (highest value) to ck."""
        return tuple(f"c{number}" for number in range(1, len(self.names) + 1))

    def matrix(self, frame: pd.DataFrame) -> Matrix:
        """The frame's features as (n, features) float32. Raises FeatureListError."""
        check_features(self.features, numeric_features(frame), f"clustering {self.clustering}")
        return to_matrix(frame, self.features)

    def active(self, x: Matrix) -> NDArray[np.intp]:
        """Positions of the rows whose customer has any history."""
        if self.activity_feature not in self.features:
            return np.arange(len(x))
        return np.flatnonzero(~np.isnan(x[:, self.features.index(str(self.activity_feature))]))

    def assign(self, x: Matrix) -> NDArray[np.intp]:
        """The likeliest cluster of each row of x (n, features), 0 for c1."""
        return self.mixture.predict(self.space.transform(x))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        mixture = {
            key: getattr(self.mixture, key).tolist() for key in ("weights", "means", "roots")
        }
        return {
            "clustering": self.clustering,
            "candidate": self.candidate,
            "features": list(self.features),
            "activity_feature": self.activity_feature,
            "space": self.space.to_dict(),
            "mixture": mixture,
            "noise_below": self.noise_below,
            "names": list(self.names),
            "descriptions": list(self.descriptions),
            "fitted_as_of": self.fitted_as_of.isoformat(),
            "trained_as_of": self.trained_as_of.isoformat(),
            "parameters": self.parameters,
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> ClusterModel:
        """The inverse of to_dict."""
        mixture = {key: np.asarray(value) for key, value in content["mixture"].items()}
        changed = {
            "features": tuple(content["features"]),
            "space": BehaviourSpace.from_dict(content["space"]),
            "mixture": Mixture(**mixture),
            "names": tuple(content["names"]),
            "descriptions": tuple(content["descriptions"]),
            "fitted_as_of": date.fromisoformat(content["fitted_as_of"]),
            "trained_as_of": date.fromisoformat(content["trained_as_of"]),
        }
        return cls(**{**content, **changed})


ASSIGNMENT_COLUMNS = [
    "customer_id",
    "as_of_date",
    "clustering",
    "cluster_id",
    "probability",
    "is_noise",
    "model_version",
]


def assign_clusters(model: ClusterModel, frame: pd.DataFrame, model_version: str) -> pd.DataFrame:
    """Rows of models.cluster_assignments, one per customer of `frame` with any history.

    Each row depends on that customer alone. Raises FeatureListError for another feature list.
    """
    x = model.matrix(frame)
    rows = model.active(x)
    density = model.mixture.log_density(model.space.transform(x[rows]))
    total = logsumexp(density, axis=1)
    best = density.argmax(axis=1)
    result = frame.iloc[rows][["customer_id", "as_of_date"]].copy()
    result["clustering"] = model.clustering
    result["cluster_id"] = np.asarray(model.cluster_ids, dtype=object)[best]
    result["probability"] = np.exp(density.max(axis=1) - total)
    result["is_noise"] = total < model.noise_below
    result["model_version"] = model_version
    return result[ASSIGNMENT_COLUMNS]
