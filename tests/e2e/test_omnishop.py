"""A whole omnichannel shop, synthetic and dirty: every channel lands, people are found."""

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.segment import in_order
from segmentry.home import PROJECT
from segmentry.project.vocabulary import written_segments

# Features that this shop cannot have, and why.
EXCUSED = {
    r"spend_91d_last_year_amount": "it is younger than a year and a quarter",
    r"private_brand_share_364d_rate": "it has no brand of its own; the demo has",
    r"sms_open.*": "nobody can tell whether a text message was opened",
    r"push_(sent|open|opened|click|clicked)_.*": "it sends no push messages",
    r"urgent_subject_open_364d_rate": "its subject lines do not press for time",
    r"refinement.*": "its visitors search once a visit",
}
FEATURES = "select * from features.customer_features where as_of_date = {} order by customer_id"
NEWEST = "(select as_of_date from ops.build_dates where purpose = 'newest')"


def query(home: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(sql).df()


def test_every_core_table_is_filled(omnishop_home):
    empty = [
        table.full_name
        for table in load_contracts().of_stage("core")
        if not query(omnishop_home, f"select count(*) as n from {table.full_name}")["n"][0]
    ]
    assert not empty


def test_every_feature_is_known_and_differs_for_somebody(omnishop_home):
    columns = [
        column.name
        for column in load_contracts().tables["features.customer_features"].columns
        if column.family
    ]
    assert len(columns) >= 150
    counts = ", ".join(f"count(distinct {name}) as {name}" for name in columns)
    values = query(omnishop_home, f"select {counts} from features.customer_features").iloc[0]
    dead = {name for name in columns if values[name] < 2}
    excused = {name for name in columns if any(re.fullmatch(p, name) for p in EXCUSED)}
    assert not dead - excused
    assert not excused - dead, "what is alive needs no excuse"


def test_all_four_kinds_of_people_are_customers(omnishop_home):
    stages = query(omnishop_home, "select distinct lifecycle_stage from segments.customer_360")
    assert {"visitor", "prospect", "new", "lapsed"} <= set(stages["lifecycle_stage"])


def test_the_report_shows_channels_and_identity_and_says_synthetic(omnishop_home):
    page = "".join(page.read_text() for page in (omnishop_home / "report").glob("*.html"))
    assert "seen through" in page
    assert "identifiers belong to" in page
    assert "this shop is synthetic" in page


def test_test_orders_and_robots_are_left_out_and_counted(omnishop_home):
    counted = query(omnishop_home, "select * from ops.excluded_rows where row_count > 0")
    assert len(counted) >= 2


def test_nobody_outside_identity_can_read_an_identifier(omnishop_home):
    served = omnishop_home / "serving" / "current" / "segmentry.duckdb"
    with duckdb.connect(str(served), read_only=True) as connection:
        columns = connection.execute(
            "select table_schema, column_name from information_schema.columns"
        ).fetchall()
    personal = {
        c.name for c in load_contracts().dictionary.values() if c.classification == "personal"
    }
    assert not [column for column in columns if column[1] in personal]


def relative_columns() -> list[str]:
    """Features that set a customer beside all others."""
    columns = load_contracts().tables["features.customer_features"].columns
    return [column.name for column in columns if column.is_relative]


def segments_among_all() -> set[str]:
    """Segments that ask for a place among all, or about a segment that does."""
    written = in_order([found.segment for found in written_segments()])
    relative, among_all = set(relative_columns()), set()
    for segment in [segment for level in written for segment in level]:
        places = relative | {name for name in segment.columns if name.endswith("_percentile")}
        if segment.columns & places or segment.segments & among_all:
            among_all.add(segment.segment_id)
    return among_all


MEMBERS = "select customer_id, segment_id from segments.segment_membership"


@pytest.fixture(scope="module")
def parted(omnishop_home, tmp_path_factory):
    """Two records of one customer, and the home after a run with an override that parts them."""
    folder = tmp_path_factory.mktemp("parted")
    shutil.copytree(omnishop_home, folder / "home", symlinks=True)
    project = folder / "project"
    shutil.copytree(
        PROJECT, project, ignore=shutil.ignore_patterns(".venv", ".git", ".segmentry", "target")
    )
    pair = query(
        omnishop_home,
        """
        select customer_id, min(identifier) as one, max(identifier) as other
        from identity.customer_identities
        where valid_to is null and identifier_type = 'source_customer_id'
            and (identifier like 'shop:%' or identifier like 'guest:%')
        group by customer_id having count(*) = 2 order by customer_id limit 1
        """,
    ).iloc[0]
    with (project / "data_contracts/identity/overrides.csv").open("a", newline="") as file:
        row = ["exclude"]
        for name in (pair["one"], pair["other"]):
            row += ["omnishop", "source_customer_id", name]
        day_before = query(omnishop_home, f"select {NEWEST} - interval 1 day as d")["d"][0]
        csv.writer(file).writerow([*row, f"{day_before:%Y-%m-%d}", "two people, one table"])
    _run(project, folder)
    return pair, folder / "home"


def _run(project: Path, folder: Path) -> None:
    """The command line of a copied checkout, as a company that edits its own would call it."""
    command = "from orchestration.cli.main import main; main()"
    arguments = ["run", "--source", "omnishop", "--home", str(folder / "home")]
    environment = os.environ | {"PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", command, *arguments],
        cwd=project, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_parting_two_people_changes_them_and_nobody_else(omnishop_home, parted):
    pair, home = parted
    people = (
        "select customer_id, identifier from identity.customer_identities where valid_to is null"
    )
    before = query(omnishop_home, people).set_index("identifier")["customer_id"]
    after = query(home, people).set_index("identifier")["customer_id"]
    assert before[pair["one"]] == before[pair["other"]]
    assert after[pair["one"]] != after[pair["other"]]
    theirs = {after[pair["one"]], after[pair["other"]], pair["customer_id"]}

    def others(sql):
        for place in (omnishop_home, home):
            found = query(place, sql)
            yield found[~found["customer_id"].isin(theirs)].reset_index(drop=True)

    relative = relative_columns()
    for sql in (
        FEATURES.format(NEWEST),
        # a percentile is a place among all, of whom there is one more now
        f"select * exclude (percentile) from models.customer_scores where as_of_date = {NEWEST}"
        " order by customer_id, target",
    ):
        old, new = (found.drop(columns=relative, errors="ignore") for found in others(sql))
        pd.testing.assert_frame_equal(old, new, rtol=1e-9)
    # A segment that asks for a place among all may lose whoever is at its edge.
    before, after_it = (set(found.itertuples(index=False)) for found in others(MEMBERS))
    assert {row.segment_id for row in before ^ after_it} <= segments_among_all()
    features = query(home, FEATURES.format(NEWEST)).set_index("customer_id")
    assert {after[pair["one"]], after[pair["other"]]} <= set(features.index)
    scores = query(home, f"select * from models.customer_scores where as_of_date = {NEWEST}")
    assert theirs - {pair["customer_id"]} <= set(scores["customer_id"])
