"""`segmentry segments` over a home that a run has filled; nothing in the project is written."""

import datetime
import json
import re
import subprocess

import pytest

from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.definitions.contract import ContractError
from segmentry.home import ConfigurationError, Home
from segmentry.project.vocabulary import CLUSTERINGS
from segmentry.segments.catalogue import overdue_reviews
from segmentry.segments.preview import newest_date, preview
from segmentry.segments.versions import NEWEST_VERSIONS
from segmentry.segments.why import why
from segmentry.warehouse.door import Warehouse
from tests.conftest import COMMAND, segmentry

SEGMENT = """name: Frequent
kind: rule
description: Ordered often.
where: orders_91d_count >= 3 and not segment_new_customer
owner: marketing
purpose: Try it.
status: proposed
review_by: 2020-01-31
"""


@pytest.fixture(scope="module")
def warehouse(shop_home):
    return Warehouse(Home(shop_home))


def test_a_preview_counts_who_would_be_in_and_writes_nothing(warehouse, tmp_path):
    path = tmp_path / "frequent.yaml"
    path.write_text(SEGMENT)
    before = sorted((ROOT / "segments").iterdir())
    (found,) = preview(warehouse, load_contracts(), path)
    expected = warehouse.read(
        """
        select count(*) as n from features.customer_features
        where as_of_date = ? and orders_91d_count >= 3 and customer_id not in (
            select customer_id from segments.segment_membership where segment_id = 'new_customer')
        """,
        [found.as_of_date],
    )["n"][0]
    assert found.customer_count == found.entering_count == expected > 0
    assert len(found.entering) == 5
    assert (found.leaving_count, found.leaving) == (0, [])
    assert 0 < found.revenue_share <= 1
    assert found.overlaps[0][1] <= found.customer_count
    assert found.warnings == ["its review was due by 2020-01-31"]
    assert sorted((ROOT / "segments").iterdir()) == before


def test_a_preview_of_a_committed_segment_says_who_would_leave(warehouse, tmp_path):
    path = tmp_path / "high_value.yaml"
    path.write_text(SEGMENT.replace("orders_91d_count >= 3", "order_count < 0"))
    (found,) = preview(warehouse, load_contracts(), path)
    members = warehouse.scalar(
        "select count(*) from segments.segment_membership where segment_id = 'high_value'"
    )
    assert found.leaving_count == members > 0
    assert "no one meets the condition" in found.warnings


def test_a_file_that_cannot_be_honoured_is_refused_with_its_line(warehouse, tmp_path):
    path = tmp_path / "frequent.yaml"
    path.write_text(SEGMENT.replace("orders_91d_count", "order_91d_count"))
    with pytest.raises(ContractError, match=r"frequent.yaml, line 4: .*orders_91d_count\?"):
        preview(warehouse, load_contracts(), path)


def test_a_home_without_a_run_says_so(tmp_path):
    with pytest.raises(ConfigurationError, match="segmentry run first"):
        newest_date(Warehouse(Home(tmp_path)))


def test_list_and_show_agree_with_the_tables(shop_home, warehouse):
    listed = segmentry("segments", "list", "--json", "--home", str(shop_home)).stdout
    rows = {row["segment_id"]: row for row in json.loads(listed)}
    sizes = warehouse.read(
        "select segment_id, count(*) as n from segments.segment_membership group by all"
    )
    assert {r.segment_id: r.n for r in sizes.itertuples()} == {
        name: row["customer_count"] for name, row in rows.items() if row["customer_count"]
    }
    lenses = {row["clustering"] for row in rows.values() if row["kind"] == "cluster"}
    assert lenses <= set(CLUSTERINGS)
    assert "value" in lenses
    assert rows["high_value"]["clustering"] is None
    newest = warehouse.read(
        f"(from ({NEWEST_VERSIONS}) except from segments.segments) union all "
        f"(from segments.segments except from ({NEWEST_VERSIONS}))"
    )
    assert newest.empty, "the table says what is asked for before dbt has built it"
    shown = segmentry("segments", "show", "high_value", "--home", str(shop_home)).stdout
    assert "rfm_monetary_rank >= 0.8" in shown
    assert re.search(r"enter +behaviour", shown)


def test_why_agrees_with_membership_for_every_segment(warehouse):
    date = newest_date(warehouse)
    customers = warehouse.read(
        "select distinct customer_id from segments.segment_membership order by 1 limit 3"
    )["customer_id"]
    for customer in customers:
        rows = why(warehouse, customer, date)
        entering = rows[rows["condition"] == "enter"]
        met = entering.groupby("segment_id")["holds"].all()
        member = entering.groupby("segment_id")["is_member"].first()
        remembering = rows.loc[rows["condition"] == "exit", "segment_id"]
        plain = ~met.index.isin(remembering)
        assert (met[plain] == member[plain]).all()
        assert not rows.loc[rows["is_member"] & (rows["condition"] == "exit"), "holds"].any()


def test_why_says_nothing_of_a_customer_whom_nobody_knows(warehouse):
    assert why(warehouse, "nobody", newest_date(warehouse)).empty


def test_nobody_is_asked_about_a_segment_that_does_not_exist(shop_home):
    done = subprocess.run(
        [*COMMAND, "segments", "approve", "nope", "--home", str(shop_home)],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "there is no segment nope" in done.stderr


def test_a_check_tells_which_reviews_are_overdue():
    assert overdue_reviews(datetime.date(2020, 1, 1)) == []
    late = overdue_reviews(datetime.date(2100, 1, 1))
    assert "high_value.yaml was to be reviewed by 2027-06-30: ask lifecycle-marketing" in late
