"""The candidates that compete for every target, in one configuration for all.

Simple rules are fits of one idea. The linear model and the trees see every column; of numbers they
learn by what factor the best rule is wrong, since past spending carried forward is a strong guess,
which models of one year overcorrect. The laws of buying until you die know only how often and how
lately. The blend is a weighted sum of unlike ones, since such sums win most often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data_contracts.definitions.target import Kind
from data_contracts.wording.candidates import RULE
from ml.estimators.base import Constant, Estimator
from ml.estimators.boosting import BoostedTrees
from ml.estimators.btyd.models import LAWS, BuyTillYouDie
from ml.estimators.combining import Blend, OnColumns, Scaled, Stretched
from ml.estimators.linear import Carry, LinearModel
from ml.frames import Floats, Matrix, varying_columns

CONSTANT = "constant"
LINEAR, TREES, BLEND = "linear", "lightgbm", "blend"

# A rule looks for its columns and is skipped where the mart does not have them.
RULES: dict[str, tuple[str, ...]] = {
    "rule_recency": ("recency_days",),
    "rule_recency_over_gap": ("recency_over_gap_ratio",),
    "rule_orders_91d": ("orders_91d_count",),
    "rule_active_weeks": ("active_weeks_13w_count",),
    "rule_spend_91d": ("spend_91d_amount",),
    "rule_spend_364d": ("spend_364d_amount",),
    "rule_spend_ewma": ("weekly_spend_ewma_amount",),
    "rule_rfm": ("rfm_recency_quintile", "rfm_frequency_quintile", "rfm_monetary_quintile"),
}
# What is carried forward by one ratio, not fitted with an intercept; the first stands on its own
# against partial histories and is the preferred base.
CARRIED: dict[Kind, tuple[str, ...]] = {
    "probability": (),
    "amount": ("rule_spend_ewma", "rule_spend_91d", "rule_spend_364d"),
    "count": ("rule_orders_91d",),
    "time": (),
}
# The law that a blend starts with, and its share of it.
FIRST_LAW, LAW_SHARE = "pareto_nbd", 0.25
# One variable needs no shrinkage; these leave a trace of it for numerical safety.
_LOGIT_STRENGTH, _RIDGE_STRENGTH = 100.0, 1e-6
# Penalty per row of the regression that says by what factor a rule is wrong.
_FACTOR_STRENGTH = 1.0


def is_rule(candidate: str) -> bool:
    """True for simple rules, the general ones and a target's own."""
    return candidate.startswith(RULE)


def rules_with(own: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The general rules, and one for each feature that a target calls a rule of its own."""
    return RULES | {f"{RULE}{feature}": (feature,) for feature in own}


def fit_rules(
    kind: Kind, features: Sequence[str], x: Matrix, y: Floats, own: Sequence[str] = ()
) -> dict[str, Estimator]:
    """Every simple rule whose columns are there and vary, turned into a number by its own fit."""
    varying = set(varying_columns(x).tolist())
    places = {name: position for position, name in enumerate(features)}
    fitted: dict[str, Estimator] = {}
    for rule, columns in rules_with(own).items():
        positions = tuple(places[name] for name in columns if places.get(name, -1) in varying)
        if len(positions) < len(columns):
            continue
        model: Estimator
        if rule in CARRIED[kind]:
            model = Carry(positions[0])
        elif kind == "probability":
            model = LinearModel("logit", positions, strength=_LOGIT_STRENGTH, limit=np.inf)
        else:
            model = LinearModel(
                "identity", positions, "raw", strength=_RIDGE_STRENGTH, limit=np.inf
            )
        fitted[rule] = model.fit(x, y)
    return fitted


def base_rule(kind: Kind, rules: Mapping[str, Estimator], x: Matrix, y: Floats) -> str | None:
    """The rule from which models of a number start: the preferred one, else the best in square.

    One or two weights cannot overfit, so that the training rows may choose.
    """
    preferred = next(iter(CARRIED[kind]), None)
    if preferred in rules:
        return preferred
    single = [name for name in rules if len(RULES.get(name, ())) == 1]
    errors = {name: float(np.mean((y - rules[name].margin(x)) ** 2)) for name in single}
    return min(errors, key=errors.__getitem__, default=None)


def _models(
    kind: Kind, features: Sequence[str], rules: dict[str, Estimator], base: str | None, seed: int
) -> dict[str, Any]:
    """The unfitted linear model and trees."""
    if kind == "probability":
        return {LINEAR: LinearModel("logit"), TREES: BoostedTrees("binary", seed=seed)}
    if base is None:
        return {}
    column = features.index(RULES[base][0])
    linear = LinearModel("log", strength=_FACTOR_STRENGTH)
    trees = BoostedTrees("poisson" if kind == "count" else "tweedie", seed=seed)
    return {
        LINEAR: Scaled(rules[base], column, linear),
        TREES: Scaled(rules[base], column, trees),
    }


def prior_weights(kind: Kind, fitted: Mapping[str, Estimator]) -> dict[str, float]:
    """Members of the blend -> their weights before anything was seen.

    A quarter is Pareto/NBD's, the least like the others; the other two laws are much like it.
    """
    prior = dict.fromkeys((LINEAR, TREES), 0.5)
    if kind != "probability":
        start = getattr(fitted.get(LINEAR), "base", None)
        bases = [name for name, model in fitted.items() if is_rule(name) and model is start]
        prior = {**dict.fromkeys(bases, 0.5), LINEAR: 0.25, TREES: 0.25}
    law = LAW_SHARE if FIRST_LAW in fitted else 0.0
    prior = {name: (1.0 - law) * weight for name, weight in prior.items()}
    prior |= dict.fromkeys(LAWS, 0.0) | {FIRST_LAW: law}
    return {name: weight for name, weight in prior.items() if name in fitted}


def fit_candidates(
    kind: Kind,
    features: Sequence[str],
    x: Matrix,
    y: Floats,
    seed: int = 0,
    only: str | None = None,
    laws: Mapping[str, BuyTillYouDie] | None = None,
    weights: Mapping[str, float] | None = None,
    own_rules: Sequence[str] = (),
) -> dict[str, Estimator]:
    """Fit all candidates (or `only` one and what it needs) on x (n, features), y (n,).

    laws: fitted laws that answer this kind of target; only their direction is learned here.
    weights: of the blend's members; None for the prior ones. own_rules: see Target.rules.
    Returns name -> estimator; shared members are fitted once. Without a varying column there is
    only the constant.
    """
    fitted: dict[str, Estimator] = {CONSTANT: Constant(kind).fit(x, y)}
    if not varying_columns(x).size:
        return fitted
    rules = fit_rules(kind, features, x, y, own_rules)
    base = None if kind == "probability" else base_rule(kind, rules, x, y)
    fitted |= rules
    laws = {name: law for name, law in (laws or {}).items() if law.knows(x)}
    used = {name for name, weight in (weights or {}).items() if weight > 0.0}
    for name, model in {**_models(kind, features, rules, base, seed), **laws}.items():
        if only in (None, name) or (only == BLEND and (not used or name in used)):
            fitted[name] = _fit(model, x, y)
    chosen = weights or prior_weights(kind, fitted)
    names = [name for name in chosen if name in fitted]
    if names and only in (None, BLEND):
        fitted[BLEND] = Blend(names, [fitted[m] for m in names], [chosen[m] for m in names])
    return fitted


def _fit(model: Any, x: Matrix, y: Floats) -> Estimator:
    """Bases of factors are rules, fitted already; so are laws, except for their direction."""
    if isinstance(model, Scaled):
        return model.fit_factor(x, y)
    if isinstance(model, BuyTillYouDie):
        return model.fit_direction(x, y)
    fitted: Estimator = model.fit(x, y)
    return fitted


def estimator_from_dict(content: dict[str, Any]) -> Any:
    """Rebuild any estimator from its to_dict content. Raises ValueError for an unknown type."""
    kind = content.get("type")
    if kind == "scaled":
        base, factor = (estimator_from_dict(content[part]) for part in ("base", "factor"))
        return Scaled.from_parts(content, base, factor)
    if kind == "blend":
        members = [estimator_from_dict(member) for member in content["members"]]
        return Blend(content["names"], members, content["weights"])
    if kind == "on_columns":
        columns = np.asarray(content["columns"], dtype=np.intp)
        return OnColumns(columns, estimator_from_dict(content["part"]))
    if kind == "stretched":
        model, law = (estimator_from_dict(content[part]) for part in ("model", "law"))
        return Stretched(model, law, int(content["learned_days"]))
    if kind not in _PLAIN:
        raise ValueError(f"unknown model type {kind!r}")
    return _PLAIN[kind].from_dict(content)


_PLAIN: dict[Any, Any] = {
    "constant": Constant,
    "linear": LinearModel,
    "carry": Carry,
    "lightgbm": BoostedTrees,
    "buy_till_you_die": BuyTillYouDie,
}
