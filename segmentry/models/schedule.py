"""Which dates a run scores and trains at: pure functions of D and of what earlier runs left."""

import datetime
from dataclasses import dataclass
from enum import StrEnum

RETRAIN_DAYS = 28
# Drift that a fresh model did not cure is not answered with another one every day.
LEAST_DAYS_BETWEEN = 7


class Train(StrEnum):
    """Whether a run trains: what is due, nothing (it only scores), or now."""

    DUE = "due"
    NEVER = "never"
    NOW = "now"


@dataclass(frozen=True)
class Training:
    """A date at which models are trained, and why."""

    as_of: datetime.date
    reason: str


@dataclass(frozen=True)
class Past:
    """What earlier runs left.

    history_starts: where membership grids begin, oldest first; none on the first run. trained: the
    dates at which all of today's models were trained on today's features. drifted_on, drift: the
    newest date at which drift was measured, and what drifted then.
    """

    history_starts: tuple[datetime.date, ...] = ()
    trained: tuple[datetime.date, ...] = ()
    drifted_on: datetime.date | None = None
    drift: str = ""


@dataclass(frozen=True)
class Plan:
    """The dates of one run.

    newest: D. membership: the dates at which segments are judged, oldest first, D last.
    training: when and why models are trained (empty: the champions in force stay).
    """

    newest: datetime.date
    membership: tuple[datetime.date, ...]
    training: tuple[Training, ...]


def plan_run(
    newest: datetime.date,
    past: Past,
    cadence_days: int,
    periods: int,
    train: Train = Train.DUE,
    reason: str = "",
) -> Plan:
    """Plan a run at D = `newest`.

    Without an earlier run the membership grid begins `periods` steps before D. `reason` says why
    models are trained now. A run that trains what is due sees to it that a champion is in force at
    the first judged date, trains again every four weeks, and when something drifted.
    """
    step = datetime.timedelta(days=cadence_days)
    first = newest - periods * step
    anchor = max((start for start in past.history_starts if start <= first), default=first)
    grid_index = (newest - anchor) // step
    grid = [anchor + step * i for i in range(max(0, grid_index - periods), grid_index + 1)]
    membership = tuple(sorted({*grid, newest})[-(periods + 1) :])
    if train is Train.NEVER:
        return Plan(newest, membership, ())
    training = []
    trained = sorted(date for date in past.trained if date <= newest)
    if not any(date <= membership[0] for date in trained):
        training.append(Training(membership[0], "no model was there yet"))
        trained.append(membership[0])
    why = reason if train is Train.NOW else _due(newest, max(trained), past)
    if why and newest not in trained:
        training.append(Training(newest, why))
    return Plan(newest, membership, tuple(training))


def _due(newest: datetime.date, latest: datetime.date, past: Past) -> str:
    """Why models are trained at `newest` after those of `latest`; empty when they need not be."""
    age = (newest - latest).days
    if age >= RETRAIN_DAYS:
        return f"{age} days have passed since models were trained on {latest}"
    if past.drifted_on and past.drifted_on < newest:
        return drift_reason(latest, past.drifted_on, past.drift)
    return ""


def drift_reason(latest: datetime.date, drifted_on: datetime.date, drift: str) -> str:
    """Why drift calls for training; empty when there is none, or models are younger than a week."""
    if not drift or (drifted_on - latest).days < LEAST_DAYS_BETWEEN:
        return ""
    return f"drift on {drifted_on}: {drift}"
