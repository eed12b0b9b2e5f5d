"""The catalogue keeps every version: what changed, since when, and what went away."""

import datetime
from dataclasses import replace

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.condition import Condition
from data_contracts.definitions.segment import Segment
from segmentry.home import Home
from segmentry.segments.versions import (
    NEWEST_VERSIONS,
    catalogue_rows,
    in_force,
    read_versions,
)
from segmentry.warehouse.door import Warehouse

FIRST, NEWEST, LATER = (datetime.date(2024, 1, day) for day in (1, 29, 30))
SPEND = frozenset({"spend_364d_amount"})
BIG = Segment(
    "big", "Big", "rule", "Spend much.", Condition("spend_364d_amount > 10", SPEND, ()),
    "marketing", "Thank them.", "approved", LATER,
)  # fmt: skip
WIDER = replace(BIG, enter=Condition("spend_364d_amount > 5", SPEND, ()))


@pytest.fixture
def warehouse(tmp_path):
    house = Warehouse(Home(tmp_path / "home"))
    house.create(load_contracts())
    return house


def save(warehouse, today, first, newest):
    rows = catalogue_rows(warehouse, today, first, newest)
    warehouse.replace(load_contracts().tables["segments.segment_catalogue"], rows)
    return [
        (r.segment_id, r.version, r.status, str(r.effective_from)[:10]) for r in rows.itertuples()
    ]


def test_a_new_segment_is_in_force_from_the_first_judged_date(warehouse):
    assert save(warehouse, [BIG], FIRST, NEWEST) == [("big", 1, "approved", "2024-01-01")]
    assert save(warehouse, [BIG], FIRST, NEWEST) == [("big", 1, "approved", "2024-01-01")]


def test_a_changed_definition_is_a_new_version_from_the_newest_date_on(warehouse):
    save(warehouse, [BIG], FIRST, NEWEST)
    save(warehouse, [WIDER], FIRST, LATER)
    versions = read_versions(warehouse, load_contracts(), FIRST)
    assert in_force(versions, NEWEST)["big"].segment.enter == BIG.enter
    assert in_force(versions, LATER)["big"].segment.enter == WIDER.enter


def test_a_history_that_begins_earlier_takes_its_first_segments_along(warehouse):
    save(warehouse, [BIG], NEWEST, NEWEST)
    save(warehouse, [WIDER], NEWEST, LATER)
    rows = save(warehouse, [WIDER], FIRST, LATER)
    assert rows == [("big", 1, "approved", "2024-01-01"), ("big", 2, "approved", "2024-01-30")]


def test_changed_words_are_no_new_version(warehouse):
    save(warehouse, [BIG], FIRST, NEWEST)
    rows = save(warehouse, [replace(BIG, name="Very big")], FIRST, LATER)
    assert rows == [("big", 1, "approved", "2024-01-01")]
    assert read_versions(warehouse, load_contracts(), FIRST)[0].segment.name == "Very big"


@pytest.mark.parametrize("today", [[], [replace(BIG, status="retired")]])
def test_a_removed_or_retired_segment_is_retired_and_its_past_stays(warehouse, today):
    save(warehouse, [BIG], FIRST, NEWEST)
    assert save(warehouse, today, FIRST, LATER)[-1] == ("big", 2, "retired", "2024-01-30")
    versions = read_versions(warehouse, load_contracts(), FIRST)
    assert "big" in in_force(versions, NEWEST)
    assert "big" not in in_force(versions, LATER)


def test_an_old_version_that_no_date_needs_is_not_read(warehouse):
    save(warehouse, [BIG], FIRST, NEWEST)
    save(warehouse, [WIDER], FIRST, NEWEST)
    (version,) = read_versions(warehouse, load_contracts(), LATER)
    assert version.segment.enter == WIDER.enter


def test_the_newest_version_of_every_segment_is_read_with_the_first_date_and_the_lens(warehouse):
    condition = Condition("cluster_price = 'c1'", frozenset({"cluster_price"}), ())
    cluster = replace(BIG, segment_id="cluster_price_c1", kind="cluster", enter=condition)
    save(warehouse, [BIG, cluster], FIRST, NEWEST)
    save(warehouse, [WIDER, cluster], FIRST, LATER)
    rows = warehouse.read(
        "select segment_id, version, effective_from, first_effective_from, clustering "
        f"from ({NEWEST_VERSIONS}) as newest order by segment_id"
    )
    assert [(r[0], r[1], str(r[2])[:10], str(r[3])[:10]) for r in rows.itertuples(index=False)] == [
        ("big", 2, "2024-01-30", "2024-01-01"),
        ("cluster_price_c1", 1, "2024-01-01", "2024-01-01"),
    ]
    assert rows["clustering"].tolist()[1] == "price"
    assert rows["clustering"].isna().tolist() == [True, False]
