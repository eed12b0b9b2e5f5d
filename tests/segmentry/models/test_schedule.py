"""The dates of a run are a function of D and of what was built before."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from segmentry.models.schedule import Past, Plan, Train, plan_run

D = datetime.date(2017, 12, 30)


def days(*numbers: int) -> tuple[datetime.date, ...]:
    return tuple(D - datetime.timedelta(days=n) for n in numbers)


def past(start: int, *trained: int) -> Past:
    return Past(days(start), days(*trained))


def trained_at(plan: Plan) -> tuple[datetime.date, ...]:
    return tuple(training.as_of for training in plan.training)


def test_the_first_run_judges_four_weeks_and_trains_at_both_ends():
    plan = plan_run(D, Past(), 7, 4)
    assert plan.membership == days(28, 21, 14, 7, 0)
    assert trained_at(plan) == days(28, 0)
    assert [training.reason for training in plan.training] == [
        "no model was there yet",
        "28 days have passed since models were trained on 2017-12-02",
    ]


def test_the_same_run_again_trains_nothing():
    plan = plan_run(D, past(28, 28, 0), 7, 4)
    assert plan.membership == days(28, 21, 14, 7, 0)
    assert plan.training == ()


def test_a_day_later_is_judged_beside_the_weekly_grid():
    plan = plan_run(days(-1)[0], past(28, 28, 0), 7, 4)
    assert plan.membership == days(21, 14, 7, 0, -1)
    assert plan.training == ()


def test_models_are_trained_again_after_four_weeks():
    assert trained_at(plan_run(days(-28)[0], past(28, 28, 0), 7, 4)) == days(-28)


def test_an_older_date_gets_its_own_champion():
    plan = plan_run(days(100)[0], past(28, 28, 0), 7, 4)
    assert plan.membership == days(128, 121, 114, 107, 100)
    assert trained_at(plan) == days(128, 100)


def test_a_history_that_was_added_before_does_not_move_the_grid_of_the_present():
    known = Past(days(99, 28), days(99, 28, 0))
    assert plan_run(days(-7)[0], known, 7, 4).membership == days(21, 14, 7, 0, -7)


def test_a_run_that_only_scores_never_trains():
    for known in (past(28, 28, 0), past(100, 100), Past()):
        assert plan_run(D, known, 7, 4, Train.NEVER).training == ()


def test_training_can_be_asked_for_and_says_why():
    plan = plan_run(days(-3)[0], past(28, 28, 0), 7, 4, Train.NOW, "asked for")
    assert [(t.as_of, t.reason) for t in plan.training] == [(days(-3)[0], "asked for")]
    again = plan_run(D, past(28, 28, 0), 7, 4, Train.NOW, "asked for")
    assert again.training == (), "models of this very date are there already"


def drifted(trained: int, on: int) -> Past:
    return Past(days(56), days(56, trained), days(on)[0], "the scores moved")


def test_drift_of_an_earlier_date_calls_for_training_with_its_reason():
    (training,) = plan_run(D, drifted(14, 7), 7, 4).training
    assert training.as_of == D
    assert training.reason == "drift on 2017-12-23: the scores moved"


def test_drift_of_this_very_date_or_of_fresh_models_does_not():
    assert plan_run(D, drifted(14, 0), 7, 4).training == (), "a repeated run is the same run"
    assert plan_run(D, drifted(10, 7), 7, 4).training == (), "models are three days old there"
    assert plan_run(D, drifted(1, 7), 7, 4).training == (), "models were trained since"


@given(
    st.integers(0, 400), st.integers(0, 400), st.lists(st.integers(0, 400), max_size=4),
    st.integers(1, 30), st.integers(1, 8),
)  # fmt: skip
def test_every_judged_date_has_a_model_trained_by_then(back, start, trained, cadence, periods):
    newest = days(back)[0]
    plan = plan_run(newest, past(start, *trained), cadence, periods)
    assert plan.membership[-1] == newest
    assert len(plan.membership) <= periods + 1
    assert list(plan.membership) == sorted(set(plan.membership))
    known = {*days(*trained), *trained_at(plan)}
    assert any(date <= plan.membership[0] for date in known)
    assert (newest - max(date for date in known if date <= newest)).days < 28
