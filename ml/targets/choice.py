"""Which candidate earns its place at an exam, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import spearmanr

from data_contracts.definitions.target import METRICS, Target
from data_contracts.wording.candidates import candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.numbers import fixed, percent
from ml.metrics import (
    SURE,
    aggregate_error,
    aggregate_error_spread,
    ece,
    paired_gain,
    paired_interval,
)
from ml.sentences import loss_sentence
from ml.targets.candidates import BLEND, CONSTANT
from ml.targets.exam import Exam

# In paired standard errors. Averages of unlike models win most often, so that another model
# must be surely better to replace the blend. The best rule is picked with hindsight, which is
# handicap enough: a model only has to do better, or, where the deciding loss cannot tell the two
# apart, to be surely better in the other loss of its kind. One that is surely better in neither
# needs a level and a calibration as good as the rule's. Nothing is promoted that is not clearly
# better than always saying the mean.
BLEND_MARGIN = 2.0
RULE_MARGIN = 0.0
TIE_MARGIN = 1.0
CONSTANT_MARGIN = SURE


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


def choose(target: Target, exam: Exam) -> Choice:
    """The candidate that earns its place at this exam."""
    if exam.learned_blend is not None:
        exam = replace(exam, scores=exam.scores | {BLEND: exam.served(BLEND)}, learned_blend=None)
    metric = target.metric
    rule = exam.best(metric, exam.rules)
    model = _best_model(metric, exam)
    if model is None and rule is None:
        return Choice(None, "no column varies, so that there is nothing to learn from")
    won = None
    if model is not None and rule is not None:
        won = _winning_loss(target, exam, model, rule)
    kept = _why_rule_stays(target, exam, str(model), str(rule)) if won else None
    won = None if kept else won
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
        why = kept or "no model is better than the best simple rule"
        return Choice(chosen, why, beside_rule)
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


def _why_rule_stays(target: Target, exam: Exam, model: str, rule: str) -> str | None:
    """Why a model that wins in a loss does not replace a rule, in words; None when it does.

    What is surely better in the deciding loss does, if a loss that knows level and rank says so.
    Else its total must not be surely wrong where the rule's is not; and where it ties with the rule
    in every loss, its level and its calibration must be as good.
    """
    surely = {m for m in METRICS[target.kind] if _beats(m, exam, model, rule, SURE)}
    if target.metric in surely and surely - {"deviance"}:
        return None
    off, usual = (_level(exam, name) for name in (model, rule))
    told = f"its total was {percent(abs(off[0]))} off, that of the rule {percent(abs(usual[0]))}"
    # Where a season put both totals off, which of the two is further off says nothing.
    is_closer = abs(usual[0]) <= min(SURE * usual[1], abs(off[0]))
    if abs(off[0]) > SURE * off[1] and is_closer:
        return f"the level of {candidate_words(model)} is surely worse ({told})"
    if surely:
        return None
    tie = f"{candidate_words(model)} ties with the best simple rule"
    if is_closer:
        return f"{tie} and has the worse level ({told})"
    if target.is_probability and ece(exam.y, exam.scores[model]) > ece(exam.y, exam.scores[rule]):
        return f"{tie} and is less well calibrated"
    return None


def _level(exam: Exam, candidate: str) -> tuple[float, float]:
    """By what share a candidate's total was off, and its standard error."""
    score = exam.scores[candidate]
    return aggregate_error(exam.y, score), aggregate_error_spread(exam.y, score)


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
