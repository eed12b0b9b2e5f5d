"""Which past dates are learned from and tested on: a rolling origin with a gap.

Words: an origin is an as_of_date whose label window [origin, origin + horizon) has ended (is
mature). A candidate judged at origin J has seen only labels whose windows end by J.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from data_contracts.definitions.target import Target

STEP_DAYS = 28
MAX_ORIGINS = 6
# Windows of 13 weeks are the longest that the strongest features need in full.
FULL_HISTORY_DAYS = 91
LEAST_HISTORY_DAYS = 28
# All targets are mature here, so that their figures can be read side by side.
COMMON_TEST_DAYS = 91
# Windows of a year overlap almost wholly at four weeks, and every origin costs a whole mart.
LONG_STEP_DAYS = 91
LONG_ORIGINS = 3
MONTH_DAYS = 28
# Whole weeks, so that the same weekdays are compared.
YEAR = timedelta(days=364)


@dataclass(frozen=True)
class Fold:
    """One exam: fit on `fit_origins` (newest first), judge at `origin`."""

    origin: date
    fit_origins: tuple[date, ...]


@dataclass(frozen=True)
class Test:
    """A test origin and the earlier one at which the candidate is chosen (None: no history).

    The labels of the earlier one are known at the test origin: it is the test before, where there
    is one, so that one exam serves twice.
    """

    test: Fold
    validation: Fold | None

    __test__ = False  # not a pytest class


@dataclass(frozen=True)
class Plan:
    """Every date that training `target` at `trained_as_of` uses.

    newest: the exam at the newest mature origin, where the candidate for scoring is chosen; None
    when the history is too short. tests: newest first.
    """

    trained_as_of: date
    final_origins: tuple[date, ...]
    tests: tuple[Test, ...]

    @property
    def newest(self) -> Fold | None:
        """The exam at trained_as_of - horizon, if there is one."""
        return self.tests[0].test if self.tests else None

    @property
    def dates(self) -> frozenset[date]:
        """All dates of the plan; none where nothing can be tested, for then nothing is fitted."""
        found = set(self.final_origins) if self.tests else set()
        for test in self.tests:
            for exam in (test.test, test.validation):
                if exam is not None:
                    found |= {exam.origin, *exam.fit_origins}
        return frozenset(found)


def mature_origins(cutoff: date, horizon_days: int, history_start: date) -> tuple[date, ...]:
    """Origins whose label windows end by `cutoff`, newest first.

    Six, every fourth week back; for horizons of more than a quarter three, a quarter apart.

    An origin with less than 13 weeks of data before it is left out, unless nothing else exists:
    then the newest one with at least four weeks of data is used alone.
    """
    newest = cutoff - timedelta(days=horizon_days)
    is_long = horizon_days > COMMON_TEST_DAYS
    step, limit = (LONG_STEP_DAYS, LONG_ORIGINS) if is_long else (STEP_DAYS, MAX_ORIGINS)
    candidates = [newest - timedelta(days=step * number) for number in range(limit)]
    full = tuple(d for d in candidates if (d - history_start).days >= FULL_HISTORY_DAYS)
    if full:
        return full
    return (newest,) if (newest - history_start).days >= LEAST_HISTORY_DAYS else ()


def _fold(origin: date, horizon_days: int, history_start: date) -> Fold | None:
    fit_origins = mature_origins(origin, horizon_days, history_start)
    return Fold(origin, fit_origins) if fit_origins else None


def plan_training(target: Target, trained_as_of: date, history_start: date) -> Plan:
    """Lay out final fit, tests and validations for one target trained at one date."""
    horizon = target.horizon_days
    origins = sorted(
        {
            trained_as_of - timedelta(days=horizon),
            trained_as_of - timedelta(days=max(horizon, COMMON_TEST_DAYS)),
        },
        reverse=True,
    )
    exams = [_fold(origin, horizon, history_start) for origin in origins]
    tests: list[Test] = []
    for exam in exams[::-1]:
        if exam is None:
            continue
        before = tests[0].test if tests else None
        if before is None or (exam.origin - before.origin).days < horizon:
            before = _fold(exam.origin - timedelta(days=horizon), horizon, history_start)
        tests.insert(0, Test(exam, before))
    final = mature_origins(trained_as_of, horizon, history_start)
    return Plan(trained_as_of, final, tuple(tests))


def clustering_dates(as_of: date) -> tuple[date, date]:
    """The date a clustering is fitted at (its next 13 weeks are known), and a month later."""
    fitted = as_of - timedelta(days=COMMON_TEST_DAYS)
    return fitted, fitted + timedelta(days=MONTH_DAYS)


def season_dates(target: Target, newest: date) -> tuple[date, ...]:
    """Dates whose labels tell last year's change at `newest` and at the exam a horizon before."""
    horizon = timedelta(days=target.horizon_days)
    return tuple(newest - YEAR - horizon * step for step in range(3))


def known_season_dates(targets: Iterable[Target], newest: date, history_start: date) -> set[date]:
    """The season dates of targets for which all three are far enough inside the history."""
    found: set[date] = set()
    for target in targets:
        dates = season_dates(target, newest)
        if (min(dates) - history_start).days >= FULL_HISTORY_DAYS:
            found |= set(dates)
    return found


def needed_dates(as_of: date, targets: Iterable[Target], history_start: date) -> list[date]:
    """Every origin that features and labels must have to train all `targets` at `as_of`.

    Final fits, tests, validations, their training origins, the same weeks of last year where they
    are known, and the dates of the clustering; not `as_of` itself. history_start: the day of the
    first event. Sorted, oldest first.
    """
    dates: set[date] = set()
    wanted = list(targets)
    for target in wanted:
        dates |= plan_training(target, as_of, history_start).dates
    dates |= known_season_dates(wanted, as_of, history_start)
    if dates:
        dates |= set(clustering_dates(as_of))
    return sorted(d for d in dates if (d - history_start).days >= LEAST_HISTORY_DAYS)
