"""Rolling-origin backtest with a gap: what the procedure would have said, and how right it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.definitions.target import Target
from ml.frames import Floats, History
from ml.metrics import (
    RESAMPLED,
    analytic_errors,
    best_candidate,
    bootstrap_errors,
    equal_count_bins,
    evaluate,
)
from ml.origins import Plan, plan_training
from ml.targets.candidates import CONSTANT
from ml.targets.choice import Choice, choose, default_choice
from ml.targets.exam import Exam, evaluate_at, level_words
from ml.targets.leaks import leak_words
from ml.targets.shared_btyd import FittedBtyd
from ml.targets.sufficiency import not_enough_data

METRIC_COLUMNS = [
    "target",
    "model_version",
    "trained_as_of",
    "as_of_date",
    "split",
    "candidate",
    "is_chosen",
    "metric",
    "value",
    "standard_error",
    "rule_value",
    "customer_count",
]
CURVE_COLUMNS = [
    "target",
    "as_of_date",
    "candidate",
    "is_chosen",
    "curve",
    "bin",
    "predicted",
    "observed",
    "customer_count",
]


@dataclass(frozen=True)
class Backtest:
    """The result of one target's backtest.

    status: 'ok', 'not_enough_data' or 'kept_out' (a leak is suspected). chosen: the candidate to
    score with at trained_as_of, chosen at the newest mature origin; None when none earns its place.
    reason: why, in words.
    choices: test origin -> the candidate chosen without seeing it.
    metrics, curves: rows of models.model_metrics and models.model_curves.
    exams: origin -> its exam (None where the labels allow none), oldest test first.
    newest: the exam at the newest mature origin (None when there is none).
    """

    target: str
    trained_as_of: date
    status: str
    chosen: str | None
    reason: str
    choices: dict[date, str | None] = field(default_factory=dict)
    metrics: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=METRIC_COLUMNS))
    curves: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CURVE_COLUMNS))
    exams: dict[date, Exam | None] = field(default_factory=dict)
    newest: Exam | None = None


def run_backtest(
    history: History,
    target: Target,
    trained_as_of: date,
    history_start: date,
    seed: int = 0,
    btyd: FittedBtyd | None = None,
    exams: dict[date, Exam | None] | None = None,
) -> Backtest:
    """Choose and test the candidates of one target as of `trained_as_of`.

    exams: those that were held already, for a target that another answers; None holds them.

    At every test origin the figure marked is_chosen is of the candidate that was chosen at an
    earlier origin, without the test origin's labels.
    """
    plan = plan_training(target, trained_as_of, history_start)
    refused = not_enough_data(history, target, plan)
    if refused:
        return Backtest(target.name, trained_as_of, "not_enough_data", None, refused)
    leak = leak_words(history, target, plan)
    if leak:
        return Backtest(target.name, trained_as_of, "kept_out", None, leak)
    if exams is None:
        exams = _evaluate(history, target, plan, btyd or FittedBtyd(history.table), seed)
    newest = exams[plan.tests[0].test.origin]
    choices = _choices(target, plan, exams)
    selection = plan.tests[0].test.origin
    metrics, curves = metric_tables(target, trained_as_of, exams, choices, selection, seed)
    if newest is None:
        reason = f"labels of {target.name} have one class only where it would be trained"
        return Backtest(target.name, trained_as_of, "not_enough_data", None, reason)
    final = choose(target, newest)
    level = level_words(newest, final.candidate) if final.candidate else ""
    return Backtest(
        target.name,
        trained_as_of,
        "ok",
        final.candidate,
        final.reason + level,
        choices,
        metrics,
        curves,
        exams,
        newest,
    )


def _evaluate(
    history: History, target: Target, plan: Plan, btyd: FittedBtyd, seed: int
) -> dict[date, Exam | None]:
    """Origin -> its exam (None where the labels allow none), oldest test first, each before it the
    validation that no other test is. An exam learns weights and slopes from its validation.
    """
    exams: dict[date, Exam | None] = {}
    for test in plan.tests[::-1]:
        before = None
        if test.validation is not None:
            origin = test.validation.origin
            if origin not in exams:
                exams[origin] = evaluate_at(target, history, btyd, test.validation, None, seed)
            before = exams[origin]
        exams[test.test.origin] = evaluate_at(target, history, btyd, test.test, before, seed)
    return exams


def _choices(target: Target, plan: Plan, exams: dict[date, Exam | None]) -> dict[date, str | None]:
    """Test origin -> the candidate chosen without its labels; oldest first."""
    choices = {}
    for test in plan.tests[::-1]:
        exam = exams[test.test.origin]
        if exam is not None:
            validation = exams[test.validation.origin] if test.validation else None
            choices[exam.origin] = _choice(target, exam, validation).candidate
    return choices


def metric_tables(
    target: Target,
    trained_as_of: date,
    exams: Mapping[date, Exam | None],
    choices: dict[date, str | None],
    selection: date,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of models.model_metrics and models.model_curves of exams, by origin.

    choices: test origin -> the candidate chosen without its labels. selection: the origin whose
    exam chose the candidate that serves, so that it is no test of that one.
    """
    metrics: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []
    for origin, exam in exams.items():
        if exam is None:
            continue
        if origin not in choices:
            marked = choose(target, exam).candidate or CONSTANT
            metrics += _metric_rows(target, trained_as_of, exam, "validation", marked, None)
            continue
        marked = choices[origin] or CONSTANT
        split = "selection" if origin == selection else "test"
        metrics += _metric_rows(target, trained_as_of, exam, split, marked, seed)
        curves += _curve_rows(target, exam, marked)
    return (
        pd.DataFrame(metrics, columns=METRIC_COLUMNS),
        pd.DataFrame(curves, columns=CURVE_COLUMNS),
    )


def stretch_report(
    target: Target, trained_as_of: date, exam: Exam, seed: int
) -> tuple[pd.DataFrame, Choice]:
    """Rows of models.model_metrics of a stretch that was tried, and what its exam chooses."""
    chosen = choose(target, exam)
    marked = chosen.candidate or CONSTANT
    rows = _metric_rows(target, trained_as_of, exam, "selection", marked, seed)
    return pd.DataFrame(rows, columns=METRIC_COLUMNS), chosen


def _choice(target: Target, exam: Exam, validation: Exam | None) -> Choice:
    """What was chosen at the validation origin, without the labels of the exam."""
    choice = default_choice(exam) if validation is None else choose(target, validation)
    if choice.candidate is not None and choice.candidate not in exam.scores:
        return default_choice(exam)
    return choice


def _metric_rows(
    target: Target, trained_as_of: date, exam: Exam, split: str, marked: str, seed: int | None
) -> Iterator[dict[str, Any]]:
    """One row per candidate and metric; beside each the best simple rule's figure.

    The rule is picked anew for every metric, with hindsight, by that very metric at this very
    origin: the strongest opponent there is, often another one for rank than for level.
    """
    values = {name: evaluate(target.kind, exam.y, score) for name, score in exam.scores.items()}
    rules = _best_rules(exam.rules, values)
    errors = _errors(target, exam, rules, marked, seed)
    for name, figures in values.items():
        for metric, value in figures.items():
            rule = rules.get(metric)
            yield {
                "target": target.name,
                "model_version": None,
                "trained_as_of": trained_as_of,
                "as_of_date": exam.origin,
                "split": split,
                "candidate": name,
                "is_chosen": name == marked,
                "metric": metric,
                "value": value,
                "standard_error": errors[name].get(metric),
                "rule_value": values[rule][metric] if rule else None,
                "customer_count": len(exam.y),
            }


def _best_rules(rules: list[str], values: dict[str, dict[str, float]]) -> dict[str, str]:
    """metric -> the rule with the best figure of it."""
    metrics = values[rules[0]] if rules else {}
    best = {m: best_candidate(m, {rule: values[rule][m] for rule in rules}) for m in metrics}
    return {metric: rule for metric, rule in best.items() if rule is not None}


def _errors(
    target: Target, exam: Exam, rules: dict[str, str], marked: str, seed: int | None
) -> dict[str, dict[str, float]]:
    """candidate -> metric -> standard error.

    The cheap ones for every candidate; with a seed, those that need resampling too, for the chosen
    candidate and for each metric's best rule.
    """
    found = {}
    for name, score in exam.scores.items():
        found[name] = analytic_errors(target.kind, exam.y, score)
        if seed is not None:
            names = RESAMPLED[target.kind]
            wanted = tuple(m for m in names if name in (marked, rules.get(m)))
            found[name] |= bootstrap_errors(exam.y, score, wanted, seed)
    return found


def _curve_rows(target: Target, exam: Exam, marked: str) -> Iterator[dict[str, Any]]:
    """Calibration and gain, in tenths of the customers, of the chosen candidate and the best rule.

    calibration: mean predicted and mean observed, lowest scores first. gain: share of the customers
    taken from the top (predicted) and share of the label they hold (observed).
    """
    rule = exam.best(target.metric, exam.rules)
    total = float(exam.y.sum())
    for name in dict.fromkeys([marked, *([rule] if rule else [])]):
        score = exam.scores[name]
        parts = equal_count_bins(score)
        points = [("calibration", _mean(score, p), _mean(exam.y, p), len(p)) for p in parts]
        taken, held = 0, 0.0
        gains = []
        for part in parts[::-1]:
            taken += len(part)
            held += float(exam.y[part].sum())
            share = held / total if total > 0.0 else float("nan")
            gains.append(("gain", taken / len(exam.y), share, taken))
        for group in (points, gains):
            for position, (curve, predicted, observed, count) in enumerate(group, start=1):
                yield {
                    "target": target.name,
                    "as_of_date": exam.origin,
                    "candidate": name,
                    "is_chosen": name == marked,
                    "curve": curve,
                    "bin": position,
                    "predicted": predicted,
                    "observed": observed,
                    "customer_count": count,
                }


def _mean(values: Floats, positions: Any) -> float:
    return float(np.mean(values[positions]))
