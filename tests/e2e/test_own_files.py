"""A user's own files: the least that is enough, what breaks, and what readers keep meanwhile."""

import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from tests.conftest import COMMAND, segmentry

# What a second run must reproduce; runs and checks are a run's own.
SERVED = sorted(
    table.full_name
    for table in load_contracts().tables.values()
    if table.served and table.schema != "ops"
)


def query(home, sql):
    path = home / "serving/current/segmentry.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).df()


def run(home, landing, *more, expect=0):
    return segmentry(
        "run", "--source", "standard", "--landing", str(landing), "--home", str(home), *more,
        expect=expect,
    )  # fmt: skip


@pytest.fixture
def own_home(shop_home, tmp_path):
    """A copy of the built shop that a test may break."""
    shutil.copytree(shop_home.parent, tmp_path / "shop", symlinks=True)
    return tmp_path / "shop" / "home"


def test_four_columns_of_orders_give_scores_segments_and_a_report(shop_home):
    scores = query(shop_home, "select * from models.customer_scores where sufficiency = 'ok'")
    assert set(scores["target"]) >= {"churn_28d", "spend_91d"}
    assert query(shop_home, "select count(*) n from segments.segment_membership")["n"][0] > 100
    assert "<html" in (shop_home / "report/index.html").read_text()[:2000]


def test_features_that_need_other_entities_are_null_and_nothing_fails(shop_home):
    features = query(shop_home, "select * from features.customer_features")
    assert features["top_category"].isna().all()
    assert features["orders_91d_count"].notna().all()


@dataclass
class Interrupted:
    """A home to which files came, whose run was killed in the middle and then repeated."""

    home: Path
    said: str
    scores_before: int
    scores_meanwhile: int
    scores_after_kill: int


@pytest.fixture(scope="module")
def interrupted(shop_home, tmp_path_factory):
    """Two more files, one with an unknown column and one with a bad row; SIGKILL; the next run."""
    folder = tmp_path_factory.mktemp("interrupted")
    shutil.copytree(shop_home.parent, folder / "shop", symlinks=True)
    home, landing = folder / "shop" / "home", folder / "shop" / "landing"
    orders = pd.read_csv(landing / "orders/orders.csv")
    more = orders.tail(5).assign(order_id=lambda rows: rows["order_id"] + "x", gift_note="hello")
    more.to_csv(landing / "orders/more.csv", index=False)
    bad = orders.tail(40).astype({"order_amount": object})
    bad["order_id"] = bad["order_id"] + "y"
    bad.iloc[16, bad.columns.get_loc("order_amount")] = "twelve"
    bad.to_csv(landing / "orders/next.csv", index=False)
    before = count_scores(home)
    command = [*COMMAND, "run", "--source", "standard", "--landing", str(landing)]
    process = subprocess.Popen(
        [*command, "--home", str(home)], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    said = ""
    for line in process.stderr:
        said += line
        if "feature mart" in line:
            break
    time.sleep(2)
    meanwhile = count_scores(home)
    subprocess.run(["kill", "-KILL", "--", f"-{process.pid}"], check=True)
    assert process.wait() == -signal.SIGKILL
    after_kill = count_scores(home)
    pd.read_parquet(home / "serving/current/models.customer_scores.parquet")
    run(home, landing)
    return Interrupted(home, said, before, meanwhile, after_kill)


def count_scores(home):
    return query(home, "select count(*) n from models.customer_scores")["n"][0]


def test_a_killed_run_leaves_readers_alone_and_the_next_run_ends_well(interrupted):
    assert interrupted.scores_meanwhile == interrupted.scores_before
    assert interrupted.scores_after_kill == interrupted.scores_before
    assert count_scores(interrupted.home) == interrupted.scores_before


def test_an_unknown_column_is_kept_with_a_warning(interrupted):
    assert "gift_note" in interrupted.said
    assert "more.csv" in interrupted.said
    with duckdb.connect(str(interrupted.home / "warehouse.duckdb")) as connection:
        found = connection.execute("select distinct gift_wrap from raw.standard__orders").fetchall()
        notes = connection.execute(
            "select count(*) from raw.standard__orders where gift_note = 'hello'"
        ).fetchone()[0]
    assert {value.lower() for (value,) in found} == {"true", "false"}
    assert notes == 5


def test_bad_rows_are_set_aside_and_the_rest_goes_on(interrupted):
    for told in ("next.csv", "row 17", "order_amount"):
        assert told in interrupted.said
    with duckdb.connect(str(interrupted.home / "warehouse.duckdb")) as connection:
        rows = connection.execute(
            "select file, row_number, column_name, reason from ops.quarantined_rows"
        ).fetchall()
        landed = connection.execute(
            "select count(*) from raw.standard__orders where order_id like '%y'"
        ).fetchone()[0]
    assert [(row[0], row[1], row[2]) for row in rows] == [("orders/next.csv", 17, "order_amount")]
    assert landed == 39


def test_the_same_again_changes_nothing(own_home):
    def served():
        path = own_home / "serving/current/segmentry.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            frames = {name: connection.execute(f"select * from {name}").df() for name in SERVED}
        customers = frames["segments.customer_360"]
        customers["segments"] = customers["segments"].map(tuple)
        return frames

    def landed():
        with duckdb.connect(str(own_home / "warehouse.duckdb")) as connection:
            return connection.execute("select count(*) from raw.standard__orders").fetchone()

    before, rows = served(), landed()
    run(own_home, own_home.parent / "landing")
    assert landed() == rows
    for name, after in served().items():
        keys = [c for c in after.columns if after[c].dtype.kind not in "f"]
        order = keys + [c for c in after.columns if c not in keys]
        pd.testing.assert_frame_equal(
            before[name].sort_values(order, ignore_index=True)[order],
            after.sort_values(order, ignore_index=True)[order],
            rtol=1e-9,
            atol=1e-12,
            obj=name,
        )


def test_a_structural_break_stops_before_anything_changes(own_home):
    landing = own_home.parent / "landing"
    before = query(own_home, "select * from segments.segment_membership order by all")
    orders = pd.read_csv(landing / "orders/orders.csv").drop(columns="ordered_at")
    orders.to_csv(landing / "orders/broken.csv", index=False)
    done = run(own_home, landing, expect=1)
    assert "broken.csv" in done.stderr
    assert "ordered_at" in done.stderr
    assert "Readers keep the last good tables" in done.stderr
    pd.testing.assert_frame_equal(
        before, query(own_home, "select * from segments.segment_membership order by all")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--source", "standard"], "needs --landing DIR"),
        (
            ["--source", "shopify", "--landing", "."],
            "known are complete_journey, omnishop",
        ),
        (["--source", "standard", "--landing", ".", "--as-of", "tomorrow"], "tomorrow"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_to_do(tmp_path, arguments, message):
    done = segmentry("run", *arguments, "--home", str(tmp_path / "home"), expect=2)
    assert message in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_date_outside_the_data_is_refused_with_the_range(own_home):
    done = run(own_home, own_home.parent / "landing", "--as-of", "2031-01-01", expect=1)
    assert "2031-01-01: orders begin on 2023-01-01" in done.stderr


def test_an_older_date_is_added_to_the_history_and_the_present_stays(own_home):
    present = "select * exclude (segments) from segments.customer_360 order by customer_id"
    before = query(own_home, present)
    members = "select customer_id, segment_id from segments.segment_membership order by all"
    inside = query(own_home, members)
    older = before["as_of_date"].max() - pd.Timedelta(days=70)
    run(own_home, own_home.parent / "landing", "--as-of", f"{older:%Y-%m-%d}")
    pd.testing.assert_frame_equal(before, query(own_home, present), rtol=1e-9)
    pd.testing.assert_frame_equal(inside, query(own_home, members))
    judged = query(
        own_home, "select distinct as_of_date d from segments.segment_summary order by 1"
    )
    assert judged["d"].min() == older - pd.Timedelta(days=28)
    assert len(judged) == 10


def test_the_doctor_finds_nothing_wrong_with_a_good_home_and_names_what_is(own_home):
    assert "went well" in segmentry("doctor", "--home", str(own_home)).stdout
    landing = own_home.parent / "landing"
    (landing / "orders/broken.csv").write_text("order_id,order_amount\n1,2\n")
    run(own_home, landing, expect=1)
    found = segmentry("doctor", "--home", str(own_home), expect=1).stdout
    assert "! last run: failed in land_standard" in found.replace("!  ", "! ")


def test_the_doctor_says_that_a_home_is_empty(tmp_path):
    found = segmentry("doctor", "--home", str(tmp_path / "nothing"), expect=1).stdout
    assert "there is none yet; run segmentry run" in found
    assert not (tmp_path / "nothing").exists()
