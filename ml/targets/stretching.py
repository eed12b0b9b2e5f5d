"""A long horizon that history is too short to learn: the model of a shorter one, stretched.

A year of orders can teach a quarter and test what it taught, but not the year after. What is
learned of the quarter is multiplied by what the year is worth in quarters, for each customer. Two
windows of the shorter target that have both passed test that, and say what the second was worth.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from data_contracts.definitions.target import Target
from ml.estimators.btyd.models import BuyTillYouDie
from ml.estimators.combining import OnColumns, Stretched
from ml.estimators.linear import Carry
from ml.frames import Floats, History, Matrix
from ml.targets.backtest import Backtest, stretch_report
from ml.targets.candidates import CONSTANT, is_rule
from ml.targets.exam import Exam
from ml.targets.model import FittedModel, reference_scores

STRETCHED_BY = "pareto_nbd"
STRETCHED = "stretched"
# What does not grow with the length of the window cannot be stretched.
KINDS = ("amount", "count")
# History may be this part of the horizon that it is stretched to.
LEAST_HISTORY = 0.9
# As logs: how far the worth of later windows is expected to lie from what was thought, and how much
# two dates differ, which does not average out over customers.
LATER_SPREAD, DATE_NOISE = 0.1, 0.1
LATER_RANGE = 0.5


def shorter_target(
    target: Target, others: Iterable[Target], trained_as_of: date, history_start: date
) -> Target | None:
    """The longest of the targets that ask the same of fewer days; None where there is none.

    Nobody looks much further ahead than the history is long.
    """
    known_days = (trained_as_of - history_start).days
    if target.kind not in KINDS or known_days < LEAST_HISTORY * target.horizon_days:
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


@dataclass(frozen=True)
class StretchTest:
    """A stretch of twice the shorter horizon, and what happened.

    exam: of the stretched model and of the simple rules, each twice as much. later: what the second
    window was worth beside what was thought, shrunk.
    """

    exam: Exam
    later: float


def exam_origin(shorter: Target, trained_as_of: date) -> date:
    """The newest date with two windows of the shorter target behind each other, both passed."""
    return trained_as_of - timedelta(days=2 * shorter.horizon_days)


def try_stretch(
    history: History, shorter: Target, exam: Exam, candidate: str, btyd: BuyTillYouDie
) -> StretchTest | None:
    """Stretch what a candidate said at an exam to twice its horizon; None without outcomes.

    history: of the shorter target. btyd: STRETCHED_BY as fitted at the exam's origin.
    """
    days = shorter.horizon_days
    rows, later = history.rows([exam.origin]), history.rows([exam.origin + timedelta(days=days)])
    place = pd.Index(later.customer_ids).get_indexer(pd.Index(rows.customer_ids))
    both = np.flatnonzero(place >= 0)
    if candidate not in exam.scores or not len(both):
        return None
    said, second = exam.served(candidate)[both], later.y[place[both]]
    law = btyd.answering("count", 2 * days)
    stretched = said * Stretched(Carry(0), law, days).growth(rows.x[both])
    scores = {
        name: 2.0 * score[both]
        for name, score in exam.scores.items()
        if is_rule(name) or name == CONSTANT
    }
    y = rows.y[both] + second
    tested = Exam(exam.origin, y, {}, {STRETCHED: stretched, **scores})
    return StretchTest(tested, _later(rows.y[both], second, said, stretched - said))


def _later(first: Floats, second: Floats, said: Floats, then: Floats) -> float:
    """What the second window was worth beside the first, over what was said of both; shrunk."""
    totals = [float(part.sum()) for part in (first, second, said, then)]
    if min(totals) <= 0.0:
        return 1.0
    ratio = totals[1] / totals[0]
    away = float(np.log(ratio / (totals[3] / totals[2])))
    noise = float(((second - ratio * first) ** 2).sum()) / totals[1] ** 2 + DATE_NOISE**2
    kept = away * LATER_SPREAD**2 / (LATER_SPREAD**2 + noise)
    return float(np.exp(np.clip(kept, -LATER_RANGE, LATER_RANGE)))


def stretched_model(
    model: FittedModel, target: Target, btyd: BuyTillYouDie, current: Matrix, later: float = 1.0
) -> FittedModel:
    """The model of a shorter target as one of `target`.

    btyd: STRETCHED_BY as fitted on the day of training. current: the learned columns of whom the
    target asks about then, (n, columns). later: see StretchTest.
    """
    learned_days = int(model.parameters["horizon_days"])
    learned = model.estimator
    if not isinstance(learned, OnColumns):
        raise TypeError(f"the model of {model.target} does not say which columns it learned from")
    law = btyd.answering("count", target.horizon_days)
    longer = Stretched(learned.part, law, learned_days, later)
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
            "later_windows": later,
            "horizon_days": target.horizon_days,
        },
    )


def stretch_model(
    model: FittedModel,
    target: Target,
    btyd: BuyTillYouDie,
    current: Matrix,
    tried: StretchTest | None,
    trained_as_of: date,
    seed: int = 0,
) -> tuple[Backtest, FittedModel | None]:
    """The model of a shorter target, taken for a longer one where its test allows, and why.

    The arguments are those of `stretched_model`; tried: None where nothing could be tested.
    """
    reason = (
        f"history is too short to learn {target.horizon_days} days and to test it: the model of "
        f"{model.target} is stretched, as far as Pareto/NBD expects customers to stay"
    )
    name = target.name
    if tried is None:
        reason += "; no two windows behind each other have passed yet that could test this"
        longer = stretched_model(model, target, btyd, current)
        return Backtest(name, trained_as_of, "ok", STRETCHED, reason), longer
    metrics, choice = stretch_report(target, trained_as_of, tried.exam, seed)
    reason += f"; tried on two windows of {model.target} behind each other it was {choice.reason}"
    if choice.candidate != STRETCHED:
        return Backtest(name, trained_as_of, "ok", None, reason, metrics=metrics), None
    longer = stretched_model(model, target, btyd, current, tried.later)
    return Backtest(name, trained_as_of, "ok", STRETCHED, reason, metrics=metrics), longer
