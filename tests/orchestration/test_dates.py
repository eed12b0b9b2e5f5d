"""The dates of a run are a function of D and of what was built before."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from orchestration.dates import plan_run

D = datetime.date(2017, 12, 30)


def days(*numbers: int) -> tuple[datetime.date, ...]:
    return tuple(D - datetime.timedelta(days=n) for n in numbers)


def test_the_first_run_judges_four_weeks_and_trains_at_both_ends():
    plan = plan_run(D, None, [], 7, 4)
    assert plan.membership == days(28, 21, 14, 7, 0)
    assert plan.training == days(28, 0)


def test_the_same_run_again_trains_nothing():
    plan = plan_run(D, days(28)[0], list(days(28, 0)), 7, 4)
    assert plan.membership == days(28, 21, 14, 7, 0)
    assert plan.training == ()


def test_a_day_later_is_judged_beside_the_weekly_grid():
    plan = plan_run(days(-1)[0], days(28)[0], list(days(28, 0)), 7, 4)
    assert plan.membership == days(21, 14, 7, 0, -1)
    assert plan.training == ()


def test_models_are_trained_again_after_four_weeks():
    plan = plan_run(days(-28)[0], days(28)[0], list(days(28, 0)), 7, 4)
    assert plan.training == days(-28)


def test_an_older_date_gets_its_own_champion():
    plan = plan_run(days(100)[0], days(28)[0], list(days(28, 0)), 7, 4)
    assert plan.membership == days(128, 121, 114, 107, 100)
    assert plan.training == days(128, 100)


@given(
    st.integers(0, 400), st.integers(0, 400), st.lists(st.integers(0, 400), max_size=4),
    st.integers(1, 30), st.integers(1, 8),
)  # fmt: skip
def test_every_judged_date_has_a_model_trained_by_then(back, start, trained, cadence, periods):
    newest = days(back)[0]
    plan = plan_run(newest, days(start)[0], list(days(*trained)), cadence, periods)
    assert plan.membership[-1] == newest
    assert len(plan.membership) <= periods + 1
    assert list(plan.membership) == sorted(set(plan.membership))
    known = {*days(*trained), *plan.training}
    assert any(date <= plan.membership[0] for date in known)
    assert (newest - max(date for date in known if date <= newest)).days < 28
