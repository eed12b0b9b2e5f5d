"""Which dates a run builds, judges and trains at: pure functions of D and of what exists."""

import datetime
from dataclasses import dataclass

RETRAIN_DAYS = 28


@dataclass(frozen=True)
class Plan:
    """The dates of one run.

    newest: D. membership: the dates at which membership is judged, oldest first, D last.
    training: the dates at which models are trained (empty: the champions in force stay).
    """

    newest: datetime.date
    membership: tuple[datetime.date, ...]
    training: tuple[datetime.date, ...]


def plan_run(
    newest: datetime.date,
    history_start: datetime.date | None,
    trained: list[datetime.date],
    cadence_days: int,
    periods: int,
) -> Plan:
    """Plan a run at D = `newest`.

    `history_start` anchors the membership grid (None on the first run: `periods` steps before D).
    `trained` are the dates at which models were trained so far. A champion must be in force at
    the first judged date; after that models are trained again every four weeks.
    """
    step = datetime.timedelta(days=cadence_days)
    first = newest - periods * step
    anchor = min(history_start, first) if history_start else first
    grid_index = (newest - anchor) // step
    grid = [anchor + step * i for i in range(max(0, grid_index - periods), grid_index + 1)]
    membership = tuple(sorted({*grid, newest})[-(periods + 1) :])
    training = []
    known = sorted(date for date in trained if date <= newest)
    if not any(date <= membership[0] for date in known):
        training.append(membership[0])
    latest = max([*known, *training])
    if (newest - latest).days >= RETRAIN_DAYS:
        training.append(newest)
    return Plan(newest, membership, tuple(training))
