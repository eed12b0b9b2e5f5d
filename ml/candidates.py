"""The candidates that compete for every target, in one configuration for all.

Simple rules are one-variable fits; the linear model and the trees see every column; the blend is
the mean of these two, since averages of unlike models win most often. For amounts, linear and trees
learn what the best rule misses, and the blend is the mean of that rule and of the two models' mean:
past spending carried forward is a strong guess, which models of one year overcorrect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ml.boosting import BoostedTrees
from ml.estimators import Constant, Estimator, Mean, Remainder
from ml.frames import Floats, Matrix, varying_columns
from ml.linear import Carry, Forms, LinearModel
from ml.targets import Kind

CONSTANT = "constant"
BLEND = "blend"
MODELS = ("linear", "lightgbm", BLEND)

# A rule looks for its column and is skipped where the mart does not have it.
RULES: dict[str, str] = {
    "rule_recency": "recency_days",
    "rule_recency_over_gap": "recency_over_gap_ratio",
    "rule_orders_91d": "orders_91d_count",
    "rule_active_weeks": "active_weeks_13w_count",
    "rule_spend_91d": "spend_91d_amount",
    "rule_spend_ewma": "weekly_spend_ewma_amount",
}
# What reports call the candidates.
WORDS: dict[str, str] = {
    CONSTANT: "always saying the mean",
    "linear": "the regression",
    "lightgbm": "LightGBM",
    BLEND: "the average of models",
    "rule_recency": "days since the last order",
    "rule_recency_over_gap": "days since the last order over the usual gap",
    "rule_orders_91d": "orders in the last 91 days",
    "rule_active_weeks": "active weeks of the last 13",
    "rule_spend_91d": "spending in the last 91 days",
    "rule_spend_ewma": "smoothed weekly spending",
}
# Past spending is carried forward into an amount, not fitted with an intercept.
CARRIED = ("rule_spend_91d", "rule_spend_ewma")
# One variable needs no shrinkage; these leave a trace of it for numerical safety.
_RULE_STRENGTH: dict[Kind, float] = {
    "probability": 100.0,
    "amount": 1e-6,
    "count": 1e-6,
    "time": 1e-6,
}


def is_rule(candidate: str) -> bool:
    """True for simple rules."""
    return candidate in RULES


def fit_rules(kind: Kind, features: Sequence[str], x: Matrix, y: Floats) -> dict[str, Estimator]:
    """Every simple rule whose column is there and varies, turned into a number by its own fit."""
    varying = set(varying_columns(x).tolist())
    positions = {name: position for position, name in enumerate(features)}
    fitted: dict[str, Estimator] = {}
    for rule, column in RULES.items():
        position = positions.get(column, -1)
        if position not in varying:
            continue
        model: Estimator
        if kind == "amount" and rule in CARRIED:
            model = Carry(position)
        else:
            forms: Forms = "log" if kind == "probability" else "raw"
            model = LinearModel(kind, (position,), forms, strength=_RULE_STRENGTH[kind])
        fitted[rule] = model.fit(x, y)
    return fitted


def _best_base(rules: dict[str, Estimator], constant: Estimator, x: Matrix, y: Floats) -> Estimator:
    """The rule with the least squared error on the training rows; two weights cannot overfit."""
    choices = [*rules.values(), constant]
    errors = [float(np.mean((y - choice.margin(x)) ** 2)) for choice in choices]
    return choices[int(np.argmin(errors))]


def _models(
    kind: Kind, rules: dict[str, Estimator], constant: Estimator, x: Matrix, y: Floats, seed: int
) -> tuple[dict[str, Estimator], Estimator]:
    """The unfitted linear model and trees, and the blend of them."""
    linear: Estimator
    trees: Estimator
    if kind == "probability":
        linear, trees = LinearModel(kind), BoostedTrees(kind, seed=seed)
        return {"linear": linear, "lightgbm": trees}, Mean([linear, trees])
    base = _best_base(rules, constant, x, y)
    linear = Remainder(base, LinearModel(kind, forms="both", cap=0.995, strength=0.1))
    trees = Remainder(base, BoostedTrees(kind, seed=seed))
    return {"linear": linear, "lightgbm": trees}, Mean([base, Mean([linear, trees])])


def fit_candidates(
    kind: Kind,
    features: Sequence[str],
    x: Matrix,
    y: Floats,
    seed: int = 0,
    only: str | None = None,
) -> dict[str, Estimator]:
    """Fit all candidates (or `only` one and what it needs) on x (n, features), y (n,).

    Returns name -> estimator; shared members are fitted once. Without a varying column there is
    only the constant.
    """
    fitted: dict[str, Estimator] = {CONSTANT: Constant(kind).fit(x, y)}
    if not varying_columns(x).size:
        return fitted
    rules = fit_rules(kind, features, x, y)
    fitted |= rules
    models, blend = _models(kind, rules, fitted[CONSTANT], x, y, seed)
    for name, model in models.items():
        if only in (None, name, BLEND):
            # The base of a remainder is a rule, which is fitted already.
            fitted[name] = (
                model.fit_model(x, y) if isinstance(model, Remainder) else model.fit(x, y)
            )
    if only in (None, BLEND):
        fitted[BLEND] = blend
    return fitted


def estimator_from_dict(content: dict[str, Any]) -> Estimator:
    """Rebuild any estimator from its to_dict content. Raises ValueError for an unknown type."""
    kind = content.get("type")
    if kind == "constant":
        return Constant.from_dict(content)
    if kind == "linear":
        return LinearModel.from_dict(content)
    if kind == "carry":
        return Carry.from_dict(content)
    if kind == "lightgbm":
        return BoostedTrees.from_dict(content)
    if kind == "remainder":
        base = estimator_from_dict(content["base"])
        return Remainder(base, estimator_from_dict(content["model"]))
    if kind == "mean":
        return Mean([estimator_from_dict(member) for member in content["members"]])
    raise ValueError(f"unknown model type {kind!r}")
