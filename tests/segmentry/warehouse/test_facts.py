"""What every stage must agree on, asked of the warehouse, the snapshot or an open connection."""

import datetime

import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import ConfigurationError, Home
from segmentry.warehouse import facts
from segmentry.warehouse.door import Connected, Warehouse
from segmentry.warehouse.facts import Setting

FIRST, MIDDLE, LAST = (datetime.date(2024, 1, day) for day in (1, 8, 15))


@pytest.fixture
def warehouse(tmp_path):
    """A home whose run builds three dates and trains at the middle one."""
    made = Warehouse(Home(tmp_path / "home"))
    made.create(load_contracts())
    rows = [(FIRST, "membership", None), (LAST, "membership", None), (LAST, "newest", None)]
    rows += [(MIDDLE, "training", "a month has passed"), (MIDDLE, "origin", None)]
    frame = pd.DataFrame(rows, columns=["as_of_date", "purpose", "reason"])
    made.replace(load_contracts().tables["ops.build_dates"], frame)
    return made


def score(warehouse, *dates):
    """Scores of one customer, as an earlier run left them."""
    with warehouse.connect() as connection:
        for date in dates:
            connection.execute(
                "insert into models.customer_scores by name select 'a' as customer_id, "
                "cast(? as date) as as_of_date, 't' as target, 'ok' as sufficiency",
                [date],
            )


def test_the_dates_of_a_run_are_told_by_their_purpose(warehouse):
    assert facts.newest_date(warehouse) == LAST
    assert facts.membership_dates(warehouse) == [FIRST, LAST]
    assert facts.training_dates(warehouse) == [MIDDLE]
    assert facts.planned_dates(warehouse) == [FIRST, MIDDLE, LAST]
    assert facts.training_reason(warehouse, MIDDLE) == "a month has passed"
    assert facts.training_reason(warehouse, LAST) is None


def test_a_home_that_never_ran_has_no_newest_date_and_says_what_to_do(tmp_path):
    empty = Warehouse(Home(tmp_path))
    empty.create(load_contracts())
    assert facts.membership_dates(empty) == []
    with pytest.raises(ConfigurationError, match="segmentry run"):
        facts.newest_date(empty)


def test_later_dates_that_were_scored_before_are_judged_again(warehouse):
    later = LAST + datetime.timedelta(days=7)
    score(warehouse, FIRST - datetime.timedelta(days=7), FIRST, LAST, later)
    assert facts.judged_dates(warehouse) == [FIRST, LAST, later]


def test_a_setting_is_stored_once_and_replaced_within_an_open_transaction(warehouse):
    assert facts.reporting_currency(warehouse) is None
    with warehouse.connect() as connection:
        facts.set_setting(connection, Setting.REPORTING_CURRENCY, "EUR")
        connection.execute("begin")
        facts.set_setting(connection, Setting.REPORTING_CURRENCY, "USD")
        assert facts.reporting_currency(Connected(connection)) == "USD"
        connection.execute("rollback")
    assert facts.reporting_currency(warehouse) == "EUR"
    assert warehouse.count("ops.settings") == 1


def test_where_histories_begin_are_dates(warehouse):
    assert facts.history_starts(warehouse) == ()
    with warehouse.connect() as connection:
        facts.set_setting(connection, Setting.HISTORY_STARTS, f"{FIRST},{LAST}")
    assert facts.history_starts(warehouse) == (FIRST, LAST)


def test_a_condition_on_dates_holds_at_them_alone_and_at_none_without_any(warehouse):
    dates = "select count(distinct as_of_date) from ops.build_dates where "
    assert warehouse.scalar(dates + facts.at_dates([FIRST, LAST])) == 2
    assert warehouse.scalar(dates + facts.at_dates([])) == 0
