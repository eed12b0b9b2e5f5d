"""One exam: candidates fitted on mature origins, evaluated at a later one they have not seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from data_contracts.definitions.target import Target
from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import percent
from ml.estimators.base import Estimator
from ml.estimators.blending import learn_weights
from ml.estimators.combining import Blend
from ml.frames import Floats, History, Matrix, Rows, hash_customers
from ml.metrics import LOSSES, aggregate_error, paired_gain
from ml.origins import Fold
from ml.targets.calibration import learn_slope, shift_scores
from ml.targets.candidates import BLEND, CONSTANT, fit_candidates, is_rule, prior_weights
from ml.targets.levels import Level, learn_level
from ml.targets.season import season_change
from ml.targets.shared_btyd import FittedBtyd

# Sum predicted over sum actual at the newest exam, beyond which the reason says so.
LEVEL_LIMIT = 0.05


@dataclass(frozen=True)
class Exam:
    """What the candidates said at one origin. margins, scores: candidate -> (n,); y: (n,).

    prior: members of the blend -> the weights it would have before anything was seen.
    learned_blend: scores (n,) of a blend whose weights were learned here, for each half of the
    customers from the other; None without a blend.
    """

    origin: date
    y: Floats
    margins: dict[str, Floats]
    scores: dict[str, Floats]
    prior: dict[str, float] = field(default_factory=dict)
    learned_blend: Floats | None = None

    def loss(self, metric: str, candidate: str) -> float:
        """Mean loss of one candidate."""
        return float(LOSSES[metric](self.y, self.scores[candidate]).mean())

    def served(self, candidate: str) -> Floats:
        """Scores (n,) of what would serve: a blend with the weights that this exam teaches."""
        if candidate == BLEND and self.learned_blend is not None:
            return self.learned_blend
        return self.scores[candidate]

    def best(self, metric: str, candidates: list[str]) -> str | None:
        """The candidate with the lowest loss; the first of equals."""
        return min(candidates, key=lambda c: self.loss(metric, c), default=None)

    def part(self, rows: NDArray[np.bool_]) -> Exam:
        """The exam of some of its rows; rows: (n,)."""
        blend = None if self.learned_blend is None else self.learned_blend[rows]
        margins = {name: margin[rows] for name, margin in self.margins.items()}
        scores = {name: score[rows] for name, score in self.scores.items()}
        return replace(self, y=self.y[rows], margins=margins, scores=scores, learned_blend=blend)

    @property
    def rules(self) -> list[str]:
        """The simple rules of this exam."""
        return [candidate for candidate in self.scores if is_rule(candidate)]


def is_learnable(target: Target, rows: Rows) -> bool:
    """Whether there is something to tell apart in the labels."""
    if len(rows) < 2:
        return False
    if target.is_probability:
        return 0.0 < float(rows.y.mean()) < 1.0
    return float(rows.y.max()) > 0.0


def evaluate_at(
    target: Target,
    history: History,
    btyd: FittedBtyd,
    fold: Fold,
    earlier: Exam | None,
    seed: int,
) -> Exam | None:
    """Fit on fold.fit_origins, evaluate at fold.origin; None when the labels do not allow it.

    earlier: the exam at the validation origin, which gives slopes and the weights of the blend.
    """
    rows = history.rows(fold.fit_origins)
    unseen = history.rows([fold.origin])
    if not is_learnable(target, rows) or not len(unseen):
        return None
    fitted = fit_candidates(
        target.kind,
        history.table.features,
        rows.x,
        rows.y,
        seed,
        btyd=btyd.at(fold.origin, target),
        weights=weights_from(target, earlier),
        own_rules=target.rules,
    )
    seen: dict[str, Floats] = {}
    margins: dict[str, Floats] = {}
    scores: dict[str, Floats] = {}
    for name, model in fitted.items():
        seen[name] = _margin(model, rows.x, seen)
        margins[name] = _margin(model, unseen.x, margins)
        slope = slope_from(target, earlier, name)
        level = level_on(target, slope, name, seen[name], rows, history)
        scores[name] = level.apply(margins[name], unseen.x)
    prior = prior_weights(fitted)
    exam = Exam(fold.origin, unseen.y, margins, scores, prior)
    if BLEND not in scores:
        return exam
    return replace(exam, learned_blend=_learned_blend(target, exam, seen, rows, unseen, history))


def _learned_blend(
    target: Target,
    exam: Exam,
    seen: dict[str, Floats],
    rows: Rows,
    unseen: Rows,
    history: History,
) -> Floats:
    """Scores (n,) of the blend that this exam teaches, of customers whom its weights did not see.

    The blend examined here has the weights of an earlier origin, or prior ones. What would score is
    the blend with the weights learned here, so that it is what has to be compared.
    """
    scores = np.empty(len(exam.y))
    half = hash_customers(unseen.customer_ids) % 2 == 0
    for scored in (half, ~half):
        others = {name: exam.margins[name][~scored] for name in exam.prior}
        weights = learn_weights(target.kind, others, exam.y[~scored], exam.prior)
        learned = sum(weight * seen[name] for name, weight in weights.items())
        level = level_on(target, 1.0, BLEND, np.asarray(learned), rows, history)
        margin = sum(weight * exam.margins[name][scored] for name, weight in weights.items())
        scores[scored] = level.apply(np.asarray(margin), unseen.x[scored])
    return scores


def _margin(model: Estimator, x: Matrix, members: dict[str, Floats]) -> Floats:
    """A part's margins; a blend's are put together from those that its members have given."""
    if not isinstance(model, Blend):
        return model.margin(x)
    pairs = zip(model.names, model.weights, strict=True)
    return np.asarray(sum(weight * members[name] for name, weight in pairs))


def level_on(
    target: Target, slope: float, candidate: str, margin: Floats, rows: Rows, history: History
) -> Level:
    """The level of a candidate from mature rows; a simple rule has no steps by recency."""
    is_stepped = not is_rule(candidate) and candidate != CONSTANT
    return learn_level(target, slope, margin, rows, history.table.features, is_stepped)


def weights_from(target: Target, exam: Exam | None) -> dict[str, float] | None:
    """The blend's weights that an exam teaches; None where there was none."""
    if exam is None or not exam.prior:
        return None
    return learn_weights(target.kind, exam.margins, exam.y, exam.prior)


def slope_from(target: Target, exam: Exam | None, candidate: str) -> float:
    """The slope that a candidate showed out of time at an exam; 1 where there was none.

    The weights of a blend are slopes already.
    """
    if exam is None or candidate == BLEND or candidate not in exam.margins:
        return 1.0
    return learn_slope(target.kind, exam.margins[candidate], exam.y)


def season_from(
    target: Target, history: History, exam: Exam | None, candidate: str, day: date
) -> float:
    """Last year's change of season at `day`, if it would have made the newest exam better."""
    if exam is None or candidate not in exam.scores:
        return 0.0
    change = season_change(history, target, exam.origin)
    shifted = shift_scores(target.kind, exam.scores[candidate], change)
    # A season moves the total, which deviances make equal.
    metric = "rmse" if target.metric == "deviance" else target.metric
    gain, error = paired_gain(metric, exam.y, shifted, exam.scores[candidate])
    return season_change(history, target, day) if gain > error else 0.0


def level_words(exam: Exam, candidate: str) -> str:
    """What a candidate's total at an exam was off by, when it was more than it should be."""
    error = aggregate_error(exam.y, exam.scores[candidate])
    if not np.isfinite(error) or abs(error) <= LEVEL_LIMIT:
        return ""
    direction = "above" if error > 0.0 else "below"
    return (
        f"; its total at {day_words(exam.origin)} was {percent(abs(error))} {direction} what "
        "happened, so levels drift"
    )
