"""Features at D know what was known before D, whatever else is in the warehouse or the build."""

import datetime
import shutil

import duckdb
import pandas as pd
import pytest

from tests.dbt_project.world import (
    build,
    contract_outcomes,
    features,
    known_before,
    land,
    leaking_project,
    shop,
    unit_tests,
)

EARLY = datetime.date(2023, 5, 1)
MIDDLE = datetime.date(2023, 9, 13)
LATE = datetime.date(2024, 4, 1)  # last year's same weeks are in the data
LEAKS = {
    "an order of the date itself": ("order_date < {{ dates }}", "order_date <= {{ dates }}"),
    "a cancellation still to come": (
        "{{ facts }}.cancelled_date >= {{ dates }}.as_of_date",
        "1 = 0",
    ),
    "an opening still to come": (
        "messages.opened_date < population.as_of_date",
        "messages.opened_date is not null",
    ),
    "a cart left in a visit that is not over": ("over_at as date", "started_at as date"),
    "a category given later": ("{{ facts }}.described_date < {{ dates }}.as_of_date", "1 = 1"),
}


@pytest.fixture(scope="module")
def dbt_in(tmp_path_factory):
    """Points dbt at a warehouse and at folders of its own; one key, so that ids compare."""
    folder = tmp_path_factory.mktemp("dbt")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMENTRY_KEY", "the key of the tests, no secret")
        patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
        patch.setenv("DBT_LOG_PATH", str(folder / "logs"))

        def run(path, dates, select="", **options):
            patch.setenv("SEGMENTRY_WAREHOUSE", str(path))
            build(path, dates, select, **options)
            return path

        yield run


@pytest.fixture(scope="module")
def full(tmp_path_factory, dbt_in):
    """Everything is in the warehouse, and several dates were built at once."""
    path = land(tmp_path_factory.mktemp("full") / "full.duckdb", shop())
    return dbt_in(path, [EARLY, MIDDLE, LATE])


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Exactly for ids, dates and names; doubles may differ in the last bits of a parallel sum."""
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-9, atol=0)


def test_the_world_holds_what_could_leak():
    world, known = shop(), known_before(shop(), MIDDLE)
    assert len(known["orders"]) < len(world["orders"])
    assert known["orders"]["cancelled_at"].notna().sum() < (
        world["orders"]["cancelled_at"][: len(known["orders"])].notna().sum()
    )
    assert known["products"]["category"].isna().any()


@pytest.mark.parametrize("date", [EARLY, MIDDLE, LATE])
def test_features_from_all_data_equal_those_from_data_that_ends_at_the_date(
    full, known, dbt_in, tmp_path, date
):
    truncated = known
    if date != MIDDLE:
        path = land(tmp_path / "truncated.duckdb", known_before(shop(), date))
        truncated = dbt_in(path, [date])
    assert len(features(full, date)) > 20
    assert_same(features(full, date), features(truncated, date))


@pytest.fixture(scope="module")
def known(tmp_path_factory, dbt_in):
    """What was known at the middle date, built there."""
    path = land(tmp_path_factory.mktemp("known") / "known.duckdb", known_before(shop(), MIDDLE))
    return dbt_in(path, [MIDDLE])


@pytest.mark.parametrize("leak", LEAKS)
def test_a_planted_leak_is_caught(full, known, dbt_in, tmp_path, leak):
    project = leaking_project(tmp_path, *LEAKS[leak])
    built = []
    for honest in (full, known):
        path = shutil.copy(honest, tmp_path)
        dbt_in(path, [MIDDLE], select="core features", project=project)
        built.append(features(path, MIDDLE))
    with pytest.raises(AssertionError):
        assert_same(*built)


def test_a_date_built_alone_or_twice_equals_the_date_built_with_others(full, dbt_in):
    before = {date: features(full, date) for date in (EARLY, MIDDLE, LATE)}
    dbt_in(full, [MIDDLE], select="features")
    dbt_in(full, [MIDDLE], select="features")
    for date, frame in before.items():
        assert_same(frame, features(full, date))


def test_a_date_that_has_become_empty_loses_its_old_rows(dbt_in, tmp_path):
    """Nobody is known before the data begin: the rebuild must still delete."""
    world = shop(customers=5)
    path = dbt_in(land(tmp_path / "shrunk.duckdb", world), [EARLY])
    assert len(features(path, EARLY)) > 0
    with duckdb.connect(str(path)) as connection:
        for table in world:
            connection.execute(f"delete from raw.standard__{table}")
    dbt_in(path, [EARLY])
    assert len(features(path, EARLY)) == 0


def test_every_family_is_right_on_rows_that_were_checked_by_hand(full, dbt_in):
    dbt_in(full, [LATE], select="segments")
    outcomes = unit_tests()
    assert len(outcomes) >= 18
    assert set(outcomes.values()) == {"pass"}, outcomes


def test_a_feature_that_leaves_its_range_is_named(full, dbt_in, tmp_path):
    path = tmp_path / "broken.duckdb"
    shutil.copy(full, path)
    dbt_in(path, [LATE], select="ftr_identities")
    with duckdb.connect(str(path)) as connection:
        connection.execute("update features.customer_features set tenure_days = -1")
    outcomes = contract_outcomes(path, "customer_features,test_name:accepted_ranges")
    assert len(outcomes) > 100
    assert {name for name, outcome in outcomes.items() if not outcome.passed} == {"tenure_days"}
    assert outcomes["tenure_days"].failed > 20
