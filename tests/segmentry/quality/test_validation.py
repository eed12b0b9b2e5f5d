"""What is published is checked in full, and the sample begins with the newest date."""

import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import Home
from segmentry.quality.validation import validate_table
from segmentry.warehouse.door import Warehouse

TABLE = load_contracts().tables["models.customer_scores"]
NEWEST = "as_of_date = date '2024-06-03' and target = 'spend_91d'"


@pytest.fixture
def warehouse(tmp_path):
    """Scores of 2,000 customers at ten dates for four targets: more than any sample holds."""
    made = Warehouse(Home(tmp_path))
    made.create(load_contracts())
    with made.connect() as connection:
        connection.execute(
            """
            insert into models.customer_scores by name
            select printf('c%011d', customer) as customer_id,
                date '2024-06-03' - cast(7 * week as integer) as as_of_date, target,
                0.5 as score, 0.5 as percentile, 'v1' as model_version, 'ok' as sufficiency
            from range(2000) as c(customer), range(10) as w(week),
                (values ('churn_28d'), ('churn_91d'), ('purchase_28d'), ('spend_91d')) as t(target)
            """
        )
    return made


def broken(warehouse):
    return {(o.check, o.column) for o in validate_table(warehouse, TABLE) if not o.passed}


def spoil(warehouse, sql):
    with warehouse.connect() as connection:
        connection.execute(sql)
    return broken(warehouse)


def test_sound_scores_break_nothing(warehouse):
    assert not broken(warehouse)


def test_scores_of_the_newest_date_that_stand_twice_are_found(warehouse):
    found = spoil(
        warehouse,
        f"insert into models.customer_scores select * from models.customer_scores where {NEWEST}",
    )
    assert ("unique", "customer_id,as_of_date,target") in found


def test_one_percentile_of_42_is_found_at_any_date(warehouse):
    found = spoil(
        warehouse,
        "update models.customer_scores set percentile = 42 where customer_id = 'c00000000007' "
        "and as_of_date = date '2024-04-01' and target = 'churn_91d'",
    )
    assert ("range", "percentile") in found


def test_negative_scores_of_the_newest_date_are_found_by_both(warehouse):
    found = spoil(warehouse, f"update models.customer_scores set score = -3 where {NEWEST}")
    assert {("range", "score"), ("column_values_to_be_between", "score")} <= found


def test_a_newest_date_that_lost_most_of_its_customers_is_a_warning(warehouse):
    found = spoil(
        warehouse,
        f"delete from models.customer_scores where {NEWEST} and customer_id > 'c00000000500'",
    )
    assert ("volume", None) in found
    (seen,) = (o for o in validate_table(warehouse, TABLE) if o.check == "volume")
    assert seen.severity == "warning"
    assert seen.observed == "spend_91d: 501 rows at the newest date, 2000 before"


def test_scores_that_leave_their_level_are_a_warning(warehouse):
    found = spoil(warehouse, f"update models.customer_scores set score = 0.2 where {NEWEST}")
    assert found == {("level", None)}


def test_only_the_rows_that_were_written_are_checked(warehouse):
    with warehouse.connect() as connection:
        connection.execute(
            "update models.customer_scores set score = -3 where as_of_date = date '2024-04-01'"
        )
    assert not [
        o
        for o in validate_table(warehouse, TABLE, "as_of_date > date '2024-04-01'")
        if not o.passed
    ]
