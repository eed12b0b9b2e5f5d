"""One exam: candidates fitted on mature origins, evaluated at a later one they have not seen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from data_contracts.definitions.target import METRICS, Target
from data_contracts.wording.candidates import candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import fixed, percent
from ml.estimators.base import Estimator
from ml.estimators.blending import learn_weights
from ml.estimators.combining import Blend
from ml.frames import Floats, History, Matrix, Rows, hash_customers
from ml.metrics import LOSSES, aggregate_error, paired_gain, paired_interval
from ml.origins import Fold
from ml.sentences import loss_sentence
from ml.targets.calibration import Calibration, calibrate, learn_slope
from ml.targets.candidates import BLEND, CONSTANT, fit_candidates, is_rule, prior_weights
from ml.targets.season import season_change
from ml.targets.shared_btyd import FittedBtyd

# In paired standard errors. Averages of unlike models win most often, so that another model
# must be surely better to replace the blend. The best rule is picked with hindsight, which is
# handicap enough: a model only has to do better, or, where the deciding loss cannot tell the two
# apart, to be surely better in the other loss of its kind. Nothing is promoted that is not clearly
# better than always saying the mean.
BLEND_MARGIN = 2.0
RULE_MARGIN = 0.0
TIE_MARGIN = 1.0
CONSTANT_MARGIN = 2.0
# Sum predicted over sum actual at the newest exam, beyond which the reason says so.
LEVEL_LIMIT = 0.05


@dataclass(frozen=True)
class Exam:
    """What the candidates said at one origin. margins, scores: candidate -> (n,); y: (n,).

    calibrations: candidate -> what turned its margins into scores. prior: members of the blend ->
    the weights it would have before anything was seen.
    learned_blend: scores (n,) of a blend whose weights were learned here, for each half of the
    customers from the other; None without a blend.
    """

    origin: date
    y: Floats
    margins: dict[str, Floats]
    scores: dict[str, Floats]
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    prior: dict[str, float] = field(default_factory=dict)
    learned_blend: Floats | None = None

    def loss(self, metric: str, candidate: str) -> float:
        """Mean loss of one candidate."""
        return float(LOSSES[metric](self.y, self.scores[candidate]).mean())

    def best(self, metric: str, candidates: list[str]) -> str | None:
        """The candidate with the lowest loss; the first of equals."""
        return min(candidates, key=lambda c: self.loss(metric, c), default=None)

    @property
    def rules(self) -> list[str]:
        """The simple rules of this exam."""
        return [candidate for candidate in self.scores if is_rule(candidate)]


@dataclass(frozen=True)
class Comparison:
    """A candidate beside a rival, in one loss of one exam."""

    metric: str
    exam: Exam
    candidate: str
    rival: str

    @property
    def words(self) -> str:
        """The difference with its interval, which is drawn when somebody asks for it."""
        scores = self.exam.scores
        pair = self.metric, self.exam.y, scores[self.candidate], scores[self.rival]
        names = candidate_words(self.candidate), candidate_words(self.rival)
        gain, _ = paired_gain(*pair)
        return loss_sentence(self.metric, self.exam.origin, *names, gain, paired_interval(*pair))


@dataclass(frozen=True)
class Choice:
    """The candidate chosen at an exam; None when nothing beats always saying the mean.

    why: what decided; comparison: the figures of it, if there are any.
    """

    candidate: str | None
    why: str
    comparison: Comparison | None = None

    @property
    def reason(self) -> str:
        """Why it was chosen, in words."""
        return f"{self.why}: {self.comparison.words}" if self.comparison else self.why


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
    calibrations: dict[str, Calibration] = {}
    for name, model in fitted.items():
        seen[name] = _margin(model, rows.x, seen)
        margins[name] = _margin(model, unseen.x, margins)
        slope = slope_from(target, earlier, name)
        calibrations[name] = calibrate_on(target, slope, seen[name], rows)
        scores[name] = calibrations[name].apply(margins[name])
    prior = prior_weights(fitted)
    exam = Exam(fold.origin, unseen.y, margins, scores, calibrations, prior)
    if BLEND not in scores:
        return exam
    half = hash_customers(unseen.customer_ids) % 2 == 0
    return replace(exam, learned_blend=_learned_blend(target, exam, seen, rows, half))


def _learned_blend(
    target: Target, exam: Exam, seen: dict[str, Floats], rows: Rows, half: NDArray[np.bool_]
) -> Floats:
    """Scores (n,) of the blend that this exam teaches, of customers whom its weights did not see.

    The blend examined here has the weights of an earlier origin, or prior ones. What would score is
    the blend with the weights learned here, so that it is what has to be compared.
    """
    scores = np.empty(len(exam.y))
    for scored in (half, ~half):
        others = {name: exam.margins[name][~scored] for name in exam.prior}
        weights = learn_weights(target.kind, others, exam.y[~scored], exam.prior)
        learned = sum(weight * seen[name] for name, weight in weights.items())
        calibration = calibrate_on(target, 1.0, np.asarray(learned), rows)
        margin = sum(weight * exam.margins[name][scored] for name, weight in weights.items())
        scores[scored] = calibration.apply(np.asarray(margin))
    return scores


def _margin(model: Estimator, x: Matrix, members: dict[str, Floats]) -> Floats:
    """A part's margins; a blend's are put together from those that its members have given."""
    if not isinstance(model, Blend):
        return model.margin(x)
    pairs = zip(model.names, model.weights, strict=True)
    return np.asarray(sum(weight * members[name] for name, weight in pairs))


def calibrate_on(target: Target, slope: float, margin: Floats, rows: Rows) -> Calibration:
    """The calibration of a target from mature rows: a time ends with the horizon."""
    ceiling = float(target.horizon_days) if target.kind == "time" else None
    return calibrate(target.kind, slope, margin, rows.y, rows.origin, ceiling)


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


def choose(target: Target, exam: Exam) -> Choice:
    """The candidate that earns its place at this exam."""
    if exam.learned_blend is not None:
        exam = replace(exam, scores=exam.scores | {BLEND: exam.learned_blend}, learned_blend=None)
    metric = target.metric
    rule = exam.best(metric, exam.rules)
    model = _best_model(metric, exam)
    if model is None and rule is None:
        return Choice(None, "no column varies, so that there is nothing to learn from")
    won = None
    if model is not None and rule is not None:
        won = _winning_loss(target, exam, model, rule)
    is_model = model is not None and (rule is None or won is not None)
    chosen = str(model if is_model else rule)
    refusal = _refusal(target, exam, chosen)
    if refusal is not None:
        return refusal
    if model is None or rule is None:
        beside_mean = Comparison(metric, exam, chosen, CONSTANT)
        return Choice(chosen, "the only candidate that is better than the mean", beside_mean)
    if won is None:
        beside_rule = Comparison(metric, exam, model, rule)
        return Choice(chosen, "no model is better than the best simple rule", beside_rule)
    beside_rule = Comparison(won, exam, chosen, rule)
    return Choice(chosen, "better than every simple rule", beside_rule)


def _winning_loss(target: Target, exam: Exam, model: str, rule: str) -> str | None:
    """The loss in which a model earns its place beside a rule; None when it does not."""
    if _beats(target.metric, exam, model, rule, RULE_MARGIN):
        return target.metric
    if _beats(target.metric, exam, rule, model, TIE_MARGIN):
        return None
    others = [metric for metric in METRICS[target.kind] if metric != target.metric]
    return next((m for m in others if _beats(m, exam, model, rule, TIE_MARGIN)), None)


def _refusal(target: Target, exam: Exam, candidate: str) -> Choice | None:
    """No candidate, where this one is not clearly better than always saying the mean; else None.

    An absolute error falls by guessing low, without knowing anything about anybody; so amounts
    must also be ranked better than by chance (standard error of a rank correlation: 1/sqrt(n-1)).
    """
    if not _beats(target.metric, exam, candidate, CONSTANT, CONSTANT_MARGIN):
        beside_mean = Comparison(target.metric, exam, candidate, CONSTANT)
        return Choice(None, "not surely better than always saying the mean", beside_mean)
    if target.is_probability:
        return None
    score, name = exam.scores[candidate], candidate_words(candidate)
    if len(score) < 3 or min(float(np.ptp(score)), float(np.ptp(exam.y))) == 0.0:
        return Choice(
            None, f"{name} gives everybody the same score, or everybody had the same outcome"
        )
    ranked = float(spearmanr(score, exam.y).statistic)
    least = CONSTANT_MARGIN / float(np.sqrt(len(score) - 1))
    if ranked > least:
        return None
    return Choice(
        None,
        f"{name} ranks customers no better than chance at {day_words(exam.origin)}: the rank "
        f"correlation with what happened is {fixed(ranked, 2)}, and more than {fixed(least, 2)} "
        "is needed",
    )


def _best_model(metric: str, exam: Exam) -> str | None:
    best = exam.best(metric, [c for c in exam.scores if c not in (*exam.rules, CONSTANT)])
    if best is None or BLEND not in exam.scores or _beats(metric, exam, best, BLEND, BLEND_MARGIN):
        return best
    return BLEND


def default_choice(exam: Exam) -> Choice:
    """What is taken when no earlier origin exists to choose at: averages win most often."""
    name = BLEND if BLEND in exam.scores else exam.best("brier", exam.rules)
    return Choice(name, "no earlier origin has labels to choose on; the blend is the default")


def _beats(metric: str, exam: Exam, candidate: str, rival: str, margin: float) -> bool:
    gain, error = paired_gain(metric, exam.y, exam.scores[candidate], exam.scores[rival])
    return bool(np.isfinite(error)) and gain > margin * error


def season_from(
    target: Target, history: History, exam: Exam | None, candidate: str, day: date
) -> float:
    """Last year's change of season at `day`, if it would have made the newest exam better."""
    if exam is None or candidate not in exam.calibrations:
        return 0.0
    change = season_change(history, target, exam.origin)
    shifted = exam.calibrations[candidate].shifted(change).apply(exam.margins[candidate])
    gain, error = paired_gain(target.metric, exam.y, shifted, exam.scores[candidate])
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
