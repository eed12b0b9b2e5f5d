"""What is predicted: one target, described and validated. Its file is read elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["probability", "amount", "count", "time"]

METRICS: dict[str, tuple[str, ...]] = {
    "probability": ("brier", "log_loss"),
    "amount": ("mae", "rmse", "deviance"),
    "count": ("mae", "rmse", "deviance"),
    "time": ("mae", "rmse"),
}
WEEK_DAYS = 7
_REQUIRED = ("name", "question", "kind", "horizon_days", "population", "label", "metric")
_LISTS = ("rules", "trusted_features", "customer_features")
_OPTIONAL = ("minimum", "asked_of", "category", "for_each", *_LISTS)
_MINIMA = ("customers", "positives", "negatives")
Fault = tuple[str, str]


class TargetError(ValueError):
    """A target is described wrongly. faults: the key at fault and what is wrong, for each."""

    def __init__(self, name: str, faults: list[Fault]) -> None:
        super().__init__(f"target {name!r}: " + "; ".join(message for _, message in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True)
class Target:
    """One prediction target.

    name, question: identifier and the plain question that the score answers.
    kind: 'probability' (label 0 or 1), 'amount' (label in currency units, mostly >= 0), 'count'
    (a number of things, >= 0) or 'time' (days, cut at the horizon).
    horizon_days: the label looks at [as_of_date, as_of_date + horizon_days); whole weeks, so that
    every window holds each weekday equally often.
    population: SQL condition over the feature mart: who is asked about. asked_of: who that is.
    label: SQL over what happens in the window: a condition for a probability, else a number.
    metric: the loss by which candidates are chosen; lower is better.
    category: the category that `category_order_count` in the label means.
    rules: features each of which makes a simple rule that models have to beat, beside the general
    rules about orders.
    trusted_features: features that may tell the label by themselves without being a leak.
    for_each: ask of each customer and each leading value of this column (a table of features is
    keyed by it); '{value}' in name and question stands for the value. One model, named by the file,
    learns from all the pairs.
    customer_features: what that model knows of the customer, beside their dealings with the value.
    pooled_as: of a target for one value, the name of that model.
    minimum_*: with fewer labelled customers, positives or negatives at the newest mature origin
    the target is not trained.
    """

    name: str
    question: str
    kind: Kind
    horizon_days: int
    label: str
    metric: str
    population: str = "true"
    asked_of: str | None = None
    category: str | None = None
    for_each: str | None = None
    customer_features: tuple[str, ...] = ()
    pooled_as: str | None = None
    trusted_features: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    minimum_customers: int = 200
    minimum_positives: int = 100
    minimum_negatives: int = 100

    def __post_init__(self) -> None:
        faults = _faults(self)
        if faults:
            raise TargetError(self.name, faults)

    @property
    def is_probability(self) -> bool:
        """Whether labels are 0 or 1 and scores are chances; else both are numbers with a unit."""
        return self.kind == "probability"

    @property
    def version_name(self) -> str:
        """Under what name its model is stored."""
        return self.pooled_as or self.name

    @property
    def population_words(self) -> str:
        """Who is asked about, for people."""
        return self.asked_of or f"customers with {self.population}"

    def happened(self, labels: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For which labels (n,) the event happened: the positives."""
        return labels < self.horizon_days if self.kind == "time" else labels > 0


def _faults(target: Target) -> list[Fault]:
    texts = ("name", "question", "label", "metric", "population")
    faults = [(key, f"{key} is empty") for key in texts if not str(getattr(target, key)).strip()]
    plain = target.name.replace("{value}", "value") if target.for_each else target.name
    if not plain.isidentifier() or plain != plain.lower():
        faults.append(("name", "name must be a lower-case identifier such as churn_28d"))
    if target.kind not in METRICS:
        faults.append(("kind", f"kind {target.kind!r} is not one of {', '.join(METRICS)}"))
    elif target.metric not in METRICS[target.kind]:
        allowed = ", ".join(METRICS[target.kind])
        message = f"metric {target.metric!r} is not one of {allowed} for kind {target.kind}"
        faults.append(("metric", message))
    if target.horizon_days < 1 or target.horizon_days % WEEK_DAYS:
        message = f"horizon_days must be whole weeks (7, 14, ...), not {target.horizon_days}"
        faults.append(("horizon_days", message))
    for key in _MINIMA:
        if getattr(target, f"minimum_{key}") < 0:
            faults.append(("minimum", f"minimum {key} must not be negative"))
    return faults + _copies_faults(target)


def _copies_faults(target: Target) -> list[Fault]:
    if target.for_each is None:
        if target.customer_features:
            return [("customer_features", "customer_features needs for_each")]
        return []
    faults = []
    if "{value}" not in target.name:
        faults.append(("name", "a target with for_each has {value} in its name"))
    if not target.customer_features:
        message = "for_each needs customer_features: what the model knows of the customer"
        faults.append(("for_each", message))
    return faults


def target_from_mapping(content: Mapping[str, object]) -> Target:
    """Build a target from the content of its file.

    Keys: those of `Target`, with the minima nested under `minimum`. Raises TargetError for
    unknown and missing keys and for values of the wrong type.
    """
    name = str(content.get("name", "?"))
    allowed = {*_REQUIRED, *_OPTIONAL}
    faults = [(key, f"unknown key {key!r}") for key in sorted(set(content) - allowed)]
    faults += [(key, f"missing key {key!r}") for key in _REQUIRED if key not in content]
    minimum = content.get("minimum") or {}
    if not isinstance(minimum, Mapping):
        faults.append(("minimum", "minimum must hold customers, positives, negatives"))
        minimum = {}
    unknown = sorted(set(minimum) - set(_MINIMA))
    faults += [("minimum", f"unknown key 'minimum.{key}'") for key in unknown]
    numbers = {key: content[key] for key in ("horizon_days",) if key in content}
    numbers |= {f"minimum_{key}": minimum[key] for key in _MINIMA if key in minimum}
    for key, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int):
            entry = key.split("_")[0] if key.startswith("minimum") else key
            faults.append((entry, f"{key} must be a whole number, not {value!r}"))
    lists = {key: content[key] for key in _LISTS if key in content}
    for key, value in lists.items():
        if not isinstance(value, list):
            faults.append((key, f"{key} must be a list of features"))
    if faults:
        raise TargetError(name, faults)
    texts = {key: str(content[key]) for key in _REQUIRED if key != "horizon_days"}
    words = ("asked_of", "category", "for_each")
    optional = {key: str(content[key]) for key in words if key in content}
    fields: dict[str, Any] = {**texts, **optional, **numbers}
    fields |= {key: tuple(str(n) for n in value) for key, value in lists.items()}  # type: ignore[attr-defined]
    return Target(**fields)
