"""What is predicted: one target, described and validated. Its file is read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["probability", "amount", "count", "time"]

METRICS: dict[str, tuple[str, ...]] = {
    "probability": ("brier", "log_loss"),
    "amount": ("mae", "rmse"),
    "count": ("mae", "rmse"),
    "time": ("mae", "rmse"),
}
_TEXTS = ("name", "question", "kind", "label", "metric")
_MINIMA = ("customers", "positives", "negatives")


class TargetError(ValueError):
    """A target is described wrongly; the message lists every fault."""


@dataclass(frozen=True)
class Target:
    """One prediction target.

    name, question: identifier and the plain question that the score answers.
    kind: 'probability' (label 0 or 1), 'amount' (label in currency units, mostly >= 0), 'count'
    (a number of things, >= 0) or 'time' (days, cut at the horizon).
    horizon_days: the label looks at [as_of_date, as_of_date + horizon_days).
    label: SQL over the window's `order_count` and `spend_amount`.
    metric: the loss by which candidates are chosen; lower is better.
    population: SQL condition over the feature mart; None means everybody.
    activity_feature: where it is null, the customer has no history and gets no score.
    minimum_*: fewer labelled customers, positives (label > 0) or negatives at the newest mature
    origin, and the target is not trained.
    """

    name: str
    question: str
    kind: Kind
    horizon_days: int
    label: str
    metric: str
    population: str | None = None
    activity_feature: str | None = "recency_days"
    minimum_customers: int = 200
    minimum_positives: int = 30
    minimum_negatives: int = 30

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise TargetError(f"target {self.name!r}: " + "; ".join(faults))

    @property
    def is_probability(self) -> bool:
        """Whether labels are 0 or 1 and scores are chances; else both are numbers with a unit."""
        return self.kind == "probability"


def _faults(target: Target) -> list[str]:
    faults = [f"{key} is empty" for key in _TEXTS if not str(getattr(target, key)).strip()]
    if not target.name.isidentifier() or target.name != target.name.lower():
        faults.append("name must be a lower-case identifier such as churn_28d")
    if target.kind not in METRICS:
        faults.append(f"kind {target.kind!r} is not one of {', '.join(METRICS)}")
    elif target.metric not in METRICS[target.kind]:
        allowed = ", ".join(METRICS[target.kind])
        faults.append(f"metric {target.metric!r} is not one of {allowed} for kind {target.kind}")
    if target.horizon_days < 1:
        faults.append(f"horizon_days must be at least 1, not {target.horizon_days}")
    for key in _MINIMA:
        if getattr(target, f"minimum_{key}") < 0:
            faults.append(f"minimum {key} must not be negative")
    return faults


def target_from_mapping(content: Mapping[str, object]) -> Target:
    """Build a target from the content of its file.

    Keys: those of `Target`, with the minima nested under `minimum`. Raises TargetError for
    unknown and missing keys and for values of the wrong type.
    """
    name = str(content.get("name", "?"))
    required = {"name", "question", "kind", "horizon_days", "label", "metric"}
    known = required | {"population", "activity_feature", "minimum"}
    faults = [f"unknown key {key!r}" for key in sorted(set(content) - known)]
    faults += [f"missing key {key!r}" for key in sorted(required - set(content))]
    minimum = content.get("minimum") or {}
    if not isinstance(minimum, Mapping):
        faults.append("minimum must hold customers, positives, negatives")
        minimum = {}
    faults += [f"unknown key 'minimum.{key}'" for key in sorted(set(minimum) - set(_MINIMA))]
    numbers = {"horizon_days": content.get("horizon_days")}
    numbers |= {f"minimum_{key}": minimum[key] for key in _MINIMA if key in minimum}
    for key, value in numbers.items():
        if key not in content and key == "horizon_days":
            continue
        if isinstance(value, bool) or not isinstance(value, int):
            faults.append(f"{key} must be a whole number, not {value!r}")
    if faults:
        raise TargetError(f"target {name!r}: " + "; ".join(faults))
    optional = {
        key: None if content[key] is None else str(content[key])
        for key in ("population", "activity_feature")
        if key in content
    }
    texts = {key: str(content[key]) for key in _TEXTS}
    return Target(**texts, **numbers, **optional)  # type: ignore[arg-type]
