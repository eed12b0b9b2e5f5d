"""A long horizon that history is too short to learn: the model of a shorter one, stretched.

A year of orders can teach a quarter and test what it taught, but not the year after. What is
learned of the quarter is multiplied by what the year is worth in quarters, for each customer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from data_contracts.definitions.target import Target
from ml.estimators.btyd.models import BuyTillYouDie
from ml.estimators.combining import OnColumns, Stretched
from ml.frames import Matrix
from ml.targets.model import FittedModel, reference_scores

STRETCHED_BY = "pareto_nbd"
STRETCHED = "stretched"
# What does not grow with the length of the window cannot be stretched.
KINDS = ("amount", "count")


def shorter_target(
    target: Target, others: Iterable[Target], trained_as_of: date, history_start: date
) -> Target | None:
    """The longest of the targets that ask the same of fewer days; None where there is none.

    Nobody looks further ahead than the history is long.
    """
    if target.kind not in KINDS or (trained_as_of - history_start).days < target.horizon_days:
        return None
    same = [
        other
        for other in others
        if other.kind == target.kind
        and other.horizon_days < target.horizon_days
        and replace(
            target,
            name=other.name,
            question=other.question,
            metric=other.metric,
            horizon_days=other.horizon_days,
        )
        == other
    ]
    return max(same, key=lambda other: other.horizon_days, default=None)


def stretched_model(
    model: FittedModel, target: Target, btyd: BuyTillYouDie, current: Matrix
) -> FittedModel:
    """The model of a shorter target as one of `target`.

    btyd: STRETCHED_BY as fitted on the day of training. current: the learned columns of whom the
    target asks about then, (n, columns).
    """
    learned_days = int(model.parameters["horizon_days"])
    learned = model.estimator
    if not isinstance(learned, OnColumns):
        raise TypeError(f"the model of {model.target} does not say which columns it learned from")
    longer = Stretched(learned.part, btyd.answering("count", target.horizon_days), learned_days)
    estimator = OnColumns(learned.columns, longer)
    return replace(
        model,
        target=target.name,
        candidate=STRETCHED,
        estimator=estimator,
        reference=reference_scores(model.calibration.apply(longer.margin(current))),
        parameters={
            **model.parameters,
            "candidate": STRETCHED,
            "stretched_candidate": model.candidate,
            "stretched_from": model.target,
            "learned_days": learned_days,
            "horizon_days": target.horizon_days,
        },
    )
