"""Train targets as of a date: backtest, choose, refit on all mature origins, calibrate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from data_contracts.definitions.target import Target
from ml.estimators.base import Estimator
from ml.estimators.btyd.models import INPUTS
from ml.estimators.by_history import HISTORY
from ml.estimators.by_recency import ByRecency
from ml.estimators.combining import Blend, OnColumns, Opposite
from ml.frames import MAX_TRAINING_ROWS, FeatureTable, FrameError, History
from ml.monitoring.profile import profile_training
from ml.origins import Fold, mature_origins, plan_training
from ml.targets.backtest import Backtest, run_backtest
from ml.targets.candidates import fit_candidates
from ml.targets.complement import find_complements, opposite_exam
from ml.targets.exam import evaluate_at, level_on, season_from, slope_from, weights_from
from ml.targets.informative import InformativeColumns, keep_informative
from ml.targets.model import FittedModel, reference_scores
from ml.targets.shared_btyd import FittedBtyd
from ml.targets.stretching import (
    STRETCHED_BY,
    StretchTest,
    exam_origin,
    shorter_target,
    stretch_model,
    try_stretch,
)

# Targets trained at the same time.
WORKERS = 2
# A customer is in as many pairs as there are values, so that fewer dates teach as much.
MAX_PAIRS = 50_000


@dataclass(frozen=True)
class TrainedTarget:
    """A target after training. model: None when there is no champion; reason says why."""

    target: Target
    backtest: Backtest
    model: FittedModel | None

    @property
    def status(self) -> str:
        """'ok', 'not_enough_data' or 'kept_out' (no candidate earned its place)."""
        if self.backtest.status != "ok":
            return self.backtest.status
        return "ok" if self.model is not None else "kept_out"

    @property
    def reason(self) -> str:
        """Why, in words."""
        return self.backtest.reason


@dataclass(frozen=True)
class Pairs:
    """What one model for many values learns from: pairs, named where customers would be."""

    target: Target
    features: FeatureTable
    labels: pd.DataFrame


def train_targets(
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
    targets: Iterable[Target],
    trained_as_of: date,
    history_start: date,
    seed: int = 0,
    pairs: Iterable[Pairs] = (),
) -> dict[str, TrainedTarget]:
    """Backtest every target and fit its winner; one that lacks data does not stop the others.

    features: customer_id, as_of_date and numeric columns, at the dates of `needed_dates` (other
    dates are ignored) and at trained_as_of, which gives the percentiles.
    labels: customer_id, as_of_date, target, label; null labels at trained_as_of tell whom the
    target asks about then. history_start: the day of the first event. pairs: what other
    targets learn from instead.
    """
    inputs = TrainingInputs.of(features, labels, trained_as_of, history_start, seed)
    targets = list(targets)
    opposites = find_complements(labels, targets)
    jobs = [
        (
            TrainingInputs.of(p.features, p.labels, trained_as_of, history_start, seed, MAX_PAIRS),
            p.target,
        )
        for p in pairs
    ]
    jobs += [(inputs, target) for target in targets if target.name not in opposites]
    # Fits release the interpreter. One thread for each: the same sums on every machine.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(WORKERS) as pool:
        done = pool.map(lambda job: job[0].train(job[1]), jobs)
        trained = {result.target.name: result for result in done}
        for target in targets:
            if target.name in opposites:
                trained[target.name] = inputs.derive(target, trained[opposites[target.name]])
    learned = {name: result for name, result in trained.items() if result.model is not None}
    for target in targets:
        trained[target.name] = inputs.stretch(trained[target.name], learned)
    return trained


@dataclass(frozen=True)
class TrainingInputs:
    """What every target of a training date learns from.

    features: the whole feature list; informative: the columns of it that can teach something, and
    those that BTYD models read.
    """

    features: tuple[str, ...]
    informative: InformativeColumns
    btyd: FittedBtyd
    labels: pd.DataFrame
    trained_as_of: date
    history_start: date
    seed: int
    max_rows: int

    @classmethod
    def of(
        cls,
        features: pd.DataFrame | FeatureTable,
        labels: pd.DataFrame,
        trained_as_of: date,
        history_start: date,
        seed: int,
        max_rows: int = MAX_TRAINING_ROWS,
    ) -> TrainingInputs:
        """Leave out what teaches nothing, but never what BTYD models read."""
        if isinstance(features, pd.DataFrame):
            features = FeatureTable.from_frame(features)
        kept = keep_informative(features, (*INPUTS, HISTORY))
        btyd = FittedBtyd(kept.table)
        dates = trained_as_of, history_start
        return cls(features.features, kept, btyd, labels, *dates, seed, max_rows)

    def history(self, target: Target) -> History:
        """The labelled rows of a target."""
        return History(self.informative.table, self.labels, target, self.max_rows)

    def train(self, target: Target) -> TrainedTarget:
        """Backtest one target and fit its winner on all mature origins."""
        history = self.history(target)
        backtest = run_backtest(
            history, target, self.trained_as_of, self.history_start, self.seed, self.btyd
        )
        if backtest.chosen is None:
            return TrainedTarget(target, backtest, None)
        return TrainedTarget(target, backtest, _fit_final(self, history, target, backtest))

    def derive(self, target: Target, other: TrainedTarget) -> TrainedTarget:
        """A target that asks the opposite of another: the other's exams and model, turned round.

        It is chosen, calibrated and profiled as if it had been fitted for itself.
        """
        if other.backtest.status != "ok":
            return self.train(target)
        history, exams = self.history(target), other.backtest.exams.items()
        backtest = run_backtest(
            history,
            target,
            self.trained_as_of,
            self.history_start,
            self.seed,
            self.btyd,
            {origin: opposite_exam(exam) if exam else None for origin, exam in exams},
        )
        if backtest.chosen is None:
            return TrainedTarget(target, backtest, None)
        known = other.model if other.backtest.chosen == backtest.chosen else None
        return TrainedTarget(target, backtest, _fit_final(self, history, target, backtest, known))

    def stretch(self, result: TrainedTarget, learned: Mapping[str, TrainedTarget]) -> TrainedTarget:
        """A target whose history is too short: the model of a shorter one, where there is one."""
        target = result.target
        if plan_training(target, self.trained_as_of, self.history_start).newest is not None:
            return result
        others = [other.target for other in learned.values()]
        shorter = shorter_target(target, others, self.trained_as_of, self.history_start)
        btyd = self.btyd.at(self.trained_as_of, target).get(STRETCHED_BY)
        if shorter is None or btyd is None:
            return result
        history = self.history(target)
        current = history.table.x[history.open_at(self.trained_as_of)]
        tried = self._try_stretch(shorter, learned[shorter.name])
        model = learned[shorter.name].model
        if model is None:
            raise FrameError(f"there is no model to stretch for {target.name}")
        backtest, longer = stretch_model(
            model, target, btyd, current, tried, self.trained_as_of, self.seed
        )
        return TrainedTarget(target, backtest, longer)

    def _try_stretch(self, shorter: Target, trained: TrainedTarget) -> StretchTest | None:
        """The stretch of the shorter target's candidate to two of its windows that have passed."""
        origin, history = exam_origin(shorter, self.trained_as_of), self.history(shorter)
        exam = trained.backtest.exams.get(origin)
        fit_origins = mature_origins(origin, shorter.horizon_days, self.history_start)
        if exam is None and fit_origins:
            fold = Fold(origin, fit_origins)
            exam = evaluate_at(shorter, history, self.btyd, fold, None, self.seed)
        btyd = self.btyd.at(origin, shorter).get(STRETCHED_BY)
        if exam is None or btyd is None or trained.model is None:
            return None
        return try_stretch(history, shorter, exam, trained.model.candidate, btyd)


def _fit_final(
    inputs: TrainingInputs,
    history: History,
    target: Target,
    backtest: Backtest,
    opposite: FittedModel | None = None,
) -> FittedModel:
    """Fit the chosen candidate on all mature origins, calibrated as its newest exam teaches.

    opposite: the model of the same candidate for the opposite question, taken instead of a fit.
    """
    table, newest, today = history.table, backtest.newest, inputs.trained_as_of
    candidate = str(backtest.chosen)
    origins = mature_origins(today, target.horizon_days, inputs.history_start)
    rows = history.rows(origins)
    season = season_from(target, history, newest, candidate, today)
    if opposite is not None and isinstance(opposite.estimator, OnColumns):
        estimator: Estimator = Opposite(opposite.estimator.part)
        calibration = opposite.calibration.turned()
    else:
        estimator = fit_candidates(
            target.kind,
            table.features,
            rows.x,
            rows.y,
            inputs.seed,
            only=candidate,
            btyd=inputs.btyd.at(_newest_day(table, today), target),
            weights=weights_from(target, newest),
            own_rules=target.rules,
        )[candidate]
        slope = slope_from(target, newest, candidate)
        level = level_on(target, slope, candidate, estimator.margin(rows.x), rows, history)
        calibration = level.calibration.shifted(season)
        if level.steps:
            estimator = ByRecency(estimator, target.kind, level.column, level.steps)
    asked = history.open_at(today)
    current = table.x[asked] if len(asked) else rows.x
    margin_now = estimator.margin(current)
    return FittedModel(
        target=target.name,
        kind=target.kind,
        candidate=candidate,
        features=inputs.features,
        estimator=OnColumns(inputs.informative.columns, estimator),
        calibration=calibration,
        reference=reference_scores(calibration.apply(margin_now)),
        trained_as_of=today,
        training_origins=tuple(o for o in origins if table.at(o).size),
        training_rows=len(rows),
        profile=profile_training(estimator, table.features, rows, current),
        parameters={
            "candidate": candidate,
            "horizon_days": target.horizon_days,
            "metric": target.metric,
            "seed": inputs.seed,
            "calibration": calibration.to_dict(),
            "weights": _weights(estimator),
            "season_change": season,
            "dropped_features": inputs.informative.dropped,
            "choices": {day.isoformat(): name for day, name in backtest.choices.items()},
        },
    )


def _weights(estimator: Estimator) -> dict[str, float]:
    if isinstance(estimator, Opposite | ByRecency):
        return _weights(estimator.part)
    if not isinstance(estimator, Blend):
        return {}
    return dict(zip(estimator.names, estimator.weights, strict=True))


def _newest_day(table: FeatureTable, upto: date) -> date:
    """The newest date of the table up to a day; that day where it has none."""
    days = [day.astype(object) for day in table.slices]
    return max((day for day in days if day <= upto), default=upto)
