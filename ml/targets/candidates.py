"""The registry of candidates: what competes for every target, in one configuration for all.

Simple rules are fits of one idea. The linear model and the trees see every column; of numbers they
learn by what factor the best rule is wrong, since past spending carried forward is a strong guess,
which models of one year overcorrect. BTYD models read only how often and how lately customers
ordered. The blend is a weighted sum of unlike ones, since such sums win most often.

A new candidate is a file in ml/estimators and a row of CANDIDATES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from data_contracts.definitions.target import Kind
from data_contracts.wording.candidates import RULE
from ml.estimators.base import Constant, Estimator
from ml.estimators.boosting import BoostedTrees
from ml.estimators.btyd.models import BuyTillYouDie
from ml.estimators.by_history import ByHistory
from ml.estimators.by_recency import ByRecency
from ml.estimators.combining import Blend, Factor, OnColumns, Opposite, Scaled, Stretched
from ml.estimators.linear import Carry, LinearModel
from ml.frames import Floats, Matrix, varying_columns

CONSTANT, BLEND = "constant", "blend"
LINEAR, TREES = "linear", "lightgbm"

# A rule looks for its columns and is skipped where the mart does not have them.
_SINGLE: dict[str, tuple[str, ...]] = {
    "rule_recency": ("recency_days",),
    "rule_recency_over_gap": ("recency_over_gap_ratio",),
    "rule_orders_91d": ("orders_91d_count",),
    "rule_active_weeks": ("active_weeks_13w_count",),
    "rule_spend_91d": ("spend_91d_amount",),
    "rule_spend_364d": ("spend_364d_amount",),
    "rule_spend_ewma": ("weekly_spend_ewma_amount",),
}
_RFM = "rule_recency", "rule_orders_91d", "rule_spend_364d"
RULES = _SINGLE | {"rule_rfm": tuple(_SINGLE[rule][0] for rule in _RFM)}
# What is carried forward by one ratio, not fitted with an intercept; the first stands on its own
# against partial histories and is the preferred base.
CARRIED: dict[Kind, tuple[str, ...]] = {
    "probability": (),
    "amount": ("rule_spend_ewma", "rule_spend_91d", "rule_spend_364d"),
    "count": ("rule_orders_91d",),
    "time": (),
}
# One variable needs no shrinkage; these leave a trace of it for numerical safety.
_LOGIT_STRENGTH, _RIDGE_STRENGTH = 100.0, 1e-6
# Penalty per row of the regression that says by what factor a rule is wrong.
_FACTOR_STRENGTH = 1.0


@dataclass(frozen=True)
class Problem:
    """What a candidate is made for.

    rules: fitted simple rules. base: the one from which models of a number start; None for chances,
    and where no rule could be fitted. btyd: fitted BTYD models that answer this kind of target.
    """

    kind: Kind
    features: Sequence[str]
    rules: Mapping[str, Estimator]
    base: str | None
    btyd: Mapping[str, BuyTillYouDie]
    seed: int

    def factor_on_base(self, factor: Factor) -> Scaled | None:
        """By what factor the base is wrong; None without a base."""
        if self.base is None:
            return None
        column = self.features.index(RULES[self.base][0])
        return Scaled(self.rules[self.base], column, self.by_history(factor))

    def by_history(self, part: Factor) -> Factor:
        """The part of a model of chances, with windows that history cannot fill made whole.

        Numbers start from a rule carried forward, which has the level of its day already.
        """
        return ByHistory.around(part, self.features, self.kind == "probability")


@dataclass(frozen=True)
class Candidate:
    """One row of the registry.

    estimator: its class, which reads back what was stored of it.
    make: the unfitted model for a problem; None where it has no answer.
    blend_share: its part of the blend before anything was seen; None keeps it out of the blend.
    """

    estimator: Any
    make: Callable[[Problem], Estimator | None]
    blend_share: float | None = None


def _linear(problem: Problem) -> Estimator | None:
    if problem.kind == "probability":
        return problem.by_history(LinearModel("logit"))
    return problem.factor_on_base(LinearModel("log", strength=_FACTOR_STRENGTH))


def _trees(problem: Problem) -> Estimator | None:
    if problem.kind == "probability":
        return problem.by_history(BoostedTrees("binary", seed=problem.seed))
    objective: Literal["poisson", "tweedie"] = "poisson" if problem.kind == "count" else "tweedie"
    return problem.factor_on_base(BoostedTrees(objective, seed=problem.seed))


def _btyd(name: str) -> Callable[[Problem], Estimator | None]:
    return lambda problem: problem.btyd.get(name)


# A quarter of the blend is Pareto/NBD's, the least like the others; the other two BTYD models are
# much like it.
CANDIDATES: dict[str, Candidate] = {
    LINEAR: Candidate(LinearModel, _linear, 0.375),
    TREES: Candidate(BoostedTrees, _trees, 0.375),
    "bg_nbd": Candidate(BuyTillYouDie, _btyd("bg_nbd"), 0.0),
    "mbg_nbd": Candidate(BuyTillYouDie, _btyd("mbg_nbd"), 0.0),
    "pareto_nbd": Candidate(BuyTillYouDie, _btyd("pareto_nbd"), 0.25),
}


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


def prior_weights(fitted: Mapping[str, Estimator]) -> dict[str, float]:
    """Members of the blend -> their weights before anything was seen.

    Where a model of a number starts from a rule, the rule has as much weight as what learned from
    it, which halves theirs. Weights sum to one over those that were fitted.
    """
    bases: dict[str, float] = {}
    shares: dict[str, float] = {}
    for name, candidate in CANDIDATES.items():
        if candidate.blend_share is None or name not in fitted:
            continue
        shares[name] = candidate.blend_share
        model = fitted[name]
        if isinstance(model, Scaled):
            base = next(rule for rule, estimator in fitted.items() if estimator is model.base)
            shares[name] = candidate.blend_share / 2.0
            bases[base] = bases.get(base, 0.0) + shares[name]
    prior = bases | shares
    total = sum(prior.values())
    return {name: share / total for name, share in prior.items()} if total else prior


def fit_candidates(
    kind: Kind,
    features: Sequence[str],
    x: Matrix,
    y: Floats,
    seed: int = 0,
    only: str | None = None,
    btyd: Mapping[str, BuyTillYouDie] | None = None,
    weights: Mapping[str, float] | None = None,
    own_rules: Sequence[str] = (),
) -> dict[str, Estimator]:
    """Fit all candidates (or `only` one and what it needs) on x (n, features), y (n,).

    btyd: fitted BTYD models that answer this kind of target; only their direction is learned here.
    weights: of the blend's members; None for the prior ones. own_rules: see Target.rules.
    Returns name -> estimator; shared members are fitted once. Without a varying column there is
    only the constant.
    """
    fitted: dict[str, Estimator] = {CONSTANT: Constant(kind).fit(x, y)}
    if not varying_columns(x).size:
        return fitted
    is_chance = kind == "probability"
    # Models of chances start from no rule, so that a single one of them needs none.
    rules: dict[str, Estimator] = {}
    if not is_chance or only is None or is_rule(only):
        rules = fit_rules(kind, features, x, y, own_rules)
    base = None if is_chance else base_rule(kind, rules, x, y)
    fitted |= rules
    answering = {name: model for name, model in (btyd or {}).items() if model.knows(x)}
    problem = Problem(kind, features, rules, base, answering, seed)
    used = {name for name, weight in (weights or {}).items() if weight > 0.0}
    for name, candidate in CANDIDATES.items():
        if only in (None, name) or (only == BLEND and (not used or name in used)):
            model = candidate.make(problem)
            if model is not None:
                fitted[name] = _fit(model, x, y)
    chosen = weights or prior_weights(fitted)
    names = [name for name in chosen if name in fitted]
    if names and only in (None, BLEND):
        fitted[BLEND] = Blend(names, [fitted[m] for m in names], [chosen[m] for m in names])
    return fitted


def _fit(model: Any, x: Matrix, y: Floats) -> Estimator:
    """Bases of factors are rules, fitted already; so are BTYD models, except for direction."""
    if isinstance(model, Scaled):
        return model.fit_factor(x, y)
    if isinstance(model, BuyTillYouDie):
        return model.fit_direction(x, y)
    fitted: Estimator = model.fit(x, y)
    return fitted


def estimator_from_dict(content: dict[str, Any]) -> Any:
    """Rebuild any estimator from its to_dict content. Raises ValueError for an unknown type."""
    kind = str(content.get("type"))
    if kind == "scaled":
        base, factor = (estimator_from_dict(content[part]) for part in ("base", "factor"))
        return Scaled.from_parts(content, base, factor)
    if kind == "blend":
        members = [estimator_from_dict(member) for member in content["members"]]
        return Blend(content["names"], members, content["weights"])
    if kind == "on_columns":
        columns = np.asarray(content["columns"], dtype=np.intp)
        return OnColumns(columns, estimator_from_dict(content["part"]))
    if kind == "by_history":
        return ByHistory.from_parts(content, estimator_from_dict(content["part"]))
    if kind == "by_recency":
        part = estimator_from_dict(content["part"])
        return ByRecency(part, content["kind"], int(content["column"]), content["steps"])
    if kind == "opposite":
        return Opposite(estimator_from_dict(content["part"]))
    if kind == "stretched":
        model, btyd = (estimator_from_dict(content[part]) for part in ("model", "law"))
        later = float(content.get("later", 1.0))
        return Stretched(model, btyd, int(content["learned_days"]), later)
    if kind not in _PLAIN:
        raise ValueError(f"unknown model type {kind!r}")
    return _PLAIN[kind].from_dict(content)


# The type that an estimator writes of itself -> its class.
_PLAIN: dict[str, Any] = {
    part.type_name: part
    for part in (Constant, Carry, *(candidate.estimator for candidate in CANDIDATES.values()))
}
