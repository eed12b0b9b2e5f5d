"""Train a target as of a date: backtest, choose, refit on all mature origins, calibrate."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import pandas as pd
from threadpoolctl import threadpool_limits

from data_contracts.definitions.target import Target
from data_contracts.wording.candidates import candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import gain_words
from ml.estimators.base import Estimator
from ml.estimators.btyd.models import INPUTS, BuyTillYouDie
from ml.estimators.combining import Blend, OnColumns
from ml.frames import FeatureTable, FrameError, History, Matrix
from ml.metrics import paired_gain, paired_interval
from ml.monitoring.profile import profile_training
from ml.origins import mature_origins, plan_training
from ml.targets.backtest import Backtest, run_backtest
from ml.targets.candidates import fit_candidates
from ml.targets.exam import calibrate_on, season_from, slope_from, weights_from
from ml.targets.informative import Narrowed, narrow
from ml.targets.model import FittedModel, reference_scores
from ml.targets.sentences import AS_GOOD, difference_words, succession_words
from ml.targets.shared_btyd import Laws
from ml.targets.stretching import LAW, STRETCHED, shorter_target, stretched_model

# Targets trained at the same time.
WORKERS = 2


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
class Promotion:
    """Whether a newly trained model replaces the champion, and why."""

    is_promoted: bool
    reason: str


def train_target(
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
    target: Target,
    trained_as_of: date,
    history_start: date,
    seed: int = 0,
) -> TrainedTarget:
    """Backtest one target and fit its winner.

    features: customer_id, as_of_date and numeric columns, at the dates of `needed_dates` (other
    dates are ignored) and at trained_as_of, which gives the percentiles.
    labels: customer_id, as_of_date, target, label; null labels at trained_as_of tell whom the
    target asks about then. history_start: the day of the first event.
    """
    trained = train_targets(features, labels, [target], trained_as_of, history_start, seed)
    return trained[target.name]


def train_targets(
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
    targets: Iterable[Target],
    trained_as_of: date,
    history_start: date,
    seed: int = 0,
) -> dict[str, TrainedTarget]:
    """Train every target; one that lacks data does not stop the others."""
    wanted = list(targets)
    ground = Ground.of(_table(features))

    def train(target: Target) -> TrainedTarget:
        history = History(ground.narrowed.table, labels, target)
        backtest = run_backtest(history, target, trained_as_of, history_start, seed, ground.laws)
        model = None
        if backtest.chosen is not None:
            model = _fit_final(ground, history, target, backtest, history_start, seed)
        return TrainedTarget(target, backtest, model)

    # Fits release the interpreter. One thread for each: the same sums on every machine.
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(WORKERS) as pool:
        trained = {result.target.name: result for result in pool.map(train, wanted)}

    def stretch(result: TrainedTarget) -> TrainedTarget:
        target = result.target
        if plan_training(target, trained_as_of, history_start).newest is not None:
            return result
        learned = [other.target for other in trained.values() if other.model is not None]
        shorter = shorter_target(target, learned, trained_as_of, history_start)
        law = ground.laws.at(trained_as_of, target).get(LAW)
        if shorter is None or law is None:
            return result
        history = History(ground.narrowed.table, labels, target)
        current = history.table.x[history.open_at(trained_as_of)]
        return _stretched(trained[shorter.name], target, law, current)

    return {name: stretch(result) for name, result in trained.items()}


def _stretched(
    shorter: TrainedTarget, target: Target, law: BuyTillYouDie, current: Matrix
) -> TrainedTarget:
    """The result of a shorter target, taken for a longer one; its tests stay its own."""
    if shorter.model is None:
        raise FrameError(f"{shorter.target.name} has no model to stretch")
    model = stretched_model(shorter.model, target, law, current)
    reason = (
        f"history is too short to learn {target.horizon_days} days and to test it: the model of "
        f"{shorter.target.name} is stretched, as far as Pareto/NBD expects customers to stay"
    )
    day = shorter.backtest.trained_as_of
    return TrainedTarget(target, Backtest(target.name, day, "ok", STRETCHED, reason), model)


@dataclass(frozen=True)
class Ground:
    """What every target of a training date stands on."""

    features: tuple[str, ...]
    narrowed: Narrowed
    laws: Laws

    @classmethod
    def of(cls, table: FeatureTable) -> Ground:
        """Leave out what teaches nothing, but never what the laws read."""
        narrowed = narrow(table, INPUTS)
        return cls(table.features, narrowed, Laws(narrowed.table))


def _fit_final(
    ground: Ground,
    history: History,
    target: Target,
    backtest: Backtest,
    history_start: date,
    seed: int,
) -> FittedModel:
    candidate = str(backtest.chosen)
    table = history.table
    origins = mature_origins(backtest.trained_as_of, target.horizon_days, history_start)
    rows = history.rows(origins)
    today = _newest_day(table, backtest.trained_as_of)
    weights = weights_from(target, backtest.newest)
    fitted = fit_candidates(
        target.kind,
        table.features,
        rows.x,
        rows.y,
        seed,
        only=candidate,
        laws=ground.laws.at(today, target),
        weights=weights,
        own_rules=target.rules,
    )
    estimator = fitted[candidate]
    slope = slope_from(target, backtest.newest, candidate)
    season = season_from(target, history, backtest.newest, candidate, backtest.trained_as_of)
    calibration = calibrate_on(target, slope, estimator.margin(rows.x), rows).shifted(season)
    asked = history.open_at(backtest.trained_as_of)
    current = table.x[asked] if len(asked) else rows.x
    return FittedModel(
        target=target.name,
        kind=target.kind,
        candidate=candidate,
        features=ground.features,
        estimator=OnColumns(ground.narrowed.columns, estimator),
        calibration=calibration,
        reference=reference_scores(calibration.apply(estimator.margin(current))),
        trained_as_of=backtest.trained_as_of,
        training_origins=tuple(o for o in origins if table.at(o).size),
        training_rows=len(rows),
        profile=profile_training(estimator, table.features, rows, current),
        parameters={
            "candidate": candidate,
            "horizon_days": target.horizon_days,
            "metric": target.metric,
            "seed": seed,
            "calibration": calibration.to_dict(),
            "weights": _weights(estimator),
            "season_change": season,
            "dropped_features": ground.narrowed.dropped,
            "choices": {day.isoformat(): name for day, name in backtest.choices.items()},
        },
    )


def _weights(estimator: Estimator) -> dict[str, float]:
    if not isinstance(estimator, Blend):
        return {}
    return dict(zip(estimator.names, estimator.weights, strict=True))


def _newest_day(table: FeatureTable, upto: date) -> date:
    """The newest date of the table up to a day; that day where it has none."""
    known = [day.astype(object) for day in table.slices]
    return max((day for day in known if day <= upto), default=upto)


def _table(features: pd.DataFrame | FeatureTable) -> FeatureTable:
    return features if isinstance(features, FeatureTable) else FeatureTable.from_frame(features)


def decide_promotion(
    trained: TrainedTarget,
    champion: FittedModel | None,
    features: pd.DataFrame | FeatureTable,
    labels: pd.DataFrame,
) -> Promotion:
    """Whether the challenger replaces the champion.

    Both are judged at the challenger's newest mature origin J. The challenger's candidate speaks as
    fitted for its backtest there. The champion speaks as it stands when it was trained by J;
    one trained later knows part of J's outcomes, so that its candidate speaks as fitted for J.
    The challenger is taken when it is better, or just as good and fresher.
    """
    if trained.model is None:
        return Promotion(False, trained.reason)
    if champion is None:
        return Promotion(True, f"the first model for this target; {trained.reason}")
    target, exam = trained.target, trained.backtest.newest
    table = _table(features)
    if exam is None:
        # A stretched model, as the champion before it was: nothing could be tested yet.
        return Promotion(True, trained.reason)
    if set(champion.features) != set(table.features):
        return Promotion(True, "the champion knows another feature list and cannot score any more")
    if champion.trained_as_of <= exam.origin:
        order = [table.features.index(name) for name in champion.features]
        old = champion.score(History(table, labels, target).rows([exam.origin]).x[:, order])
    elif champion.candidate in exam.scores:
        old = exam.scores[champion.candidate]
    else:
        gone = candidate_words(champion.candidate)
        return Promotion(True, f"the champion, {gone}, is no candidate any more")
    pair = target.metric, exam.y, exam.scores[trained.model.candidate], old
    return _promotion(target.metric, exam.origin, paired_gain(*pair)[0], paired_interval(*pair))


def _promotion(metric: str, origin: date, gain: float, interval: tuple[float, float]) -> Promotion:
    """A challenger must be better; the same, learned from newer data, is taken too."""
    what = f"the challenger's {gain_words(metric)} at {day_words(origin)} was"
    reason = f"{what} {succession_words(gain, interval)}"
    return Promotion(gain >= 0.0 or difference_words(gain, interval) == AS_GOOD, reason)
