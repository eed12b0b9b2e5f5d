"""A fitted, calibrated model of one target, with everything that scoring needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.definitions.target import Kind
from ml.estimators.base import Estimator
from ml.frames import Floats, Matrix, numeric_features, to_matrix
from ml.monitoring.profile import TrainingProfile
from ml.targets.calibration import Calibration
from ml.targets.candidates import estimator_from_dict

# The reference distribution keeps so many quantiles of the scores at training.
REFERENCE_POINTS = 1001
# Scores that agree to twelve digits are ties, whatever the order of summation was.
SCORE_DIGITS = 12


class FeatureListError(ValueError):
    """A frame does not have the features that the model was trained on."""


@dataclass(frozen=True)
class FittedModel:
    """What scores customers for one target.

    features: every numeric column of the training frame, in order; the model refuses another list.
    estimator: gives the margin; calibration: turns it into the score.
    reference: sorted scores of the customers at training, against which percentiles are read, so
    that a percentile does not depend on who else is in the batch.
    profile: what it was trained on, against which drift is measured.
    parameters: JSON-ready record of how it was made.
    references: of a model of pairs, value -> the reference of that value's customers.
    """

    target: str
    kind: Kind
    candidate: str
    features: tuple[str, ...]
    estimator: Estimator
    calibration: Calibration
    reference: Floats
    trained_as_of: date
    training_origins: tuple[date, ...]
    training_rows: int
    profile: TrainingProfile
    parameters: dict[str, Any] = field(default_factory=dict)
    references: dict[str, Floats] = field(default_factory=dict)

    def matrix(self, frame: pd.DataFrame) -> Matrix:
        """The frame's features as (n, features) float32. Raises FeatureListError."""
        check_features(self.features, numeric_features(frame), f"model of {self.target}")
        return to_matrix(frame, self.features)

    @property
    def data_digest(self) -> str:
        """Fingerprint of the rows it learned from."""
        return self.profile.data_digest

    def score(self, x: Matrix) -> Floats:
        """Calibrated probabilities or expected amounts, shape (n,)."""
        return self.calibration.apply(self.estimator.margin(x))

    def percentile(self, score: Floats) -> Floats:
        """Share of the reference scores below each score, ties counting half; 0..1, high = more."""
        rounded = np.round(score, SCORE_DIGITS)
        below = np.searchsorted(self.reference, rounded, side="left")
        upto = np.searchsorted(self.reference, rounded, side="right")
        return np.asarray((below + upto) / (2.0 * max(len(self.reference), 1)))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "target": self.target,
            "kind": self.kind,
            "candidate": self.candidate,
            "features": list(self.features),
            "estimator": self.estimator.to_dict(),
            "calibration": self.calibration.to_dict(),
            "reference": self.reference.tolist(),
            "trained_as_of": self.trained_as_of.isoformat(),
            "training_origins": [origin.isoformat() for origin in self.training_origins],
            "training_rows": self.training_rows,
            "profile": self.profile.to_dict(),
            "parameters": self.parameters,
        } | (
            {"references": {v: r.tolist() for v, r in self.references.items()}}
            if self.references
            else {}
        )

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> FittedModel:
        """The inverse of to_dict."""
        return cls(
            target=content["target"],
            kind=content["kind"],
            candidate=content["candidate"],
            features=tuple(content["features"]),
            estimator=estimator_from_dict(content["estimator"]),
            calibration=Calibration(**content["calibration"]),
            reference=np.asarray(content["reference"], dtype=np.float64),
            trained_as_of=date.fromisoformat(content["trained_as_of"]),
            training_origins=tuple(date.fromisoformat(d) for d in content["training_origins"]),
            training_rows=int(content["training_rows"]),
            profile=TrainingProfile.from_dict(content["profile"]),
            parameters=content["parameters"],
            references={v: np.asarray(r) for v, r in content.get("references", {}).items()},
        )


def reference_scores(score: Floats) -> Floats:
    """At most 1,001 sorted quantiles of the scores."""
    ordered = np.sort(np.round(score, SCORE_DIGITS))
    if len(ordered) <= REFERENCE_POINTS:
        return ordered
    positions = np.linspace(0, len(ordered) - 1, REFERENCE_POINTS).round().astype(np.intp)
    return ordered[positions]


def check_features(expected: Sequence[str], given: Sequence[str], who: str) -> None:
    """Raise FeatureListError, naming what is missing and what is new; order does not matter."""
    missing = [name for name in expected if name not in set(given)]
    extra = [name for name in given if name not in set(expected)]
    if missing or extra:
        faults = [
            f"{word}: {', '.join(names)}"
            for word, names in (("missing", missing), ("not known to it", extra))
            if names
        ]
        raise FeatureListError(
            f"the {who} was trained on another feature list ({'; '.join(faults)}); "
            "train again, or build the features it knows"
        )
