"""Publishing a snapshot: what readers see before, during and after, and after a crash."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from segmentry.warehouse import publish as serving
from segmentry.warehouse.publish import publish

TABLES = ["core.fct_orders", "segments.segment_summary"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "it's a home"


@pytest.fixture
def warehouse(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    home.mkdir()
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute("create schema segments")
        connection.execute(
            "create table core.fct_orders as select 'o' || range as order_id, "
            "range::decimal(18,4) as order_amount, date '2017-12-30' as order_date from range(1000)"
        )
        connection.execute(
            "create view segments.segment_summary as select 'high_value' as segment_id, 7 as size"
        )
        yield connection


def current(home: Path) -> Path:
    return home / "serving" / "current"


def count_orders(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        return int(connection.execute("select count(*) from core.fct_orders").fetchall()[0][0])


def snapshots(home: Path) -> list[str]:
    return sorted(path.name for path in (home / "serving").iterdir() if path.name != "current")


def test_a_snapshot_has_every_table_in_duckdb_and_in_parquet(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    folder = publish(warehouse, home, TABLES, "run-1")
    assert folder == home / "serving" / "run-1"
    assert current(home).resolve() == folder.resolve()
    assert count_orders(current(home) / serving.DATABASE) == 1000
    frame = pd.read_parquet(current(home) / "core.fct_orders.parquet")
    assert len(frame) == 1000
    assert sorted(path.name for path in folder.iterdir()) == [
        "core.fct_orders.parquet",
        "segmentry.duckdb",
        "segments.segment_summary.parquet",
    ]


def test_the_warehouse_is_usable_and_unchanged_after_publishing(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    publish(warehouse, home, TABLES, "run-1")
    attached = warehouse.execute("select database_name from duckdb_databases()").fetchall()
    assert ("snapshot",) not in attached
    warehouse.execute("insert into core.fct_orders select * from core.fct_orders limit 1")


def test_a_reader_keeps_what_it_opened_and_finds_the_new_one_next_time(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    publish(warehouse, home, TABLES, "run-1")
    with duckdb.connect(str(current(home) / serving.DATABASE), read_only=True) as reader:
        warehouse.execute("delete from core.fct_orders where order_amount >= 10")
        publish(warehouse, home, TABLES, "run-2")
        rows = reader.execute("select count(*) from core.fct_orders").fetchall()
        assert rows[0][0] == 1000
    assert count_orders(current(home) / serving.DATABASE) == 10


def test_the_last_two_snapshots_are_kept(warehouse: duckdb.DuckDBPyConnection, home: Path) -> None:
    for number in range(1, 5):
        publish(warehouse, home, TABLES, f"run-{number}")
    assert snapshots(home) == ["run-3", "run-4"]


def test_the_same_run_name_twice_does_not_touch_what_readers_have_open(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    first = publish(warehouse, home, TABLES, "run-1")
    second = publish(warehouse, home, TABLES, "run-1")
    assert first != second
    assert count_orders(first / serving.DATABASE) == 1000
    assert current(home).resolve() == second.resolve()


def test_the_current_snapshot_survives_even_when_it_is_the_oldest(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    folder = publish(warehouse, home, TABLES, "run-1")
    for number in (2, 3, 4):
        newer = folder.with_name(f"run-{number}")
        newer.mkdir()
    serving._remove_old(home / "serving")
    assert folder.exists()
    assert count_orders(current(home) / serving.DATABASE) == 1000


def test_the_link_is_never_missing_while_it_is_swapped(
    warehouse: duckdb.DuckDBPyConnection, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(warehouse, home, TABLES, "run-1")
    seen: list[int] = []
    replace = os.replace

    def watched(source: Path, target: Path) -> None:
        seen.append(count_orders(current(home) / serving.DATABASE))
        replace(source, target)
        seen.append(count_orders(current(home) / serving.DATABASE))

    monkeypatch.setattr(os, "replace", watched)
    warehouse.execute("delete from core.fct_orders where order_amount >= 10")
    publish(warehouse, home, TABLES, "run-2")
    assert seen == [1000, 10]


def test_a_table_that_does_not_exist_leaves_readers_with_the_former_snapshot(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    publish(warehouse, home, TABLES, "run-1")
    with pytest.raises(duckdb.CatalogException):
        publish(warehouse, home, [*TABLES, "core.missing"], "run-2")
    assert current(home).resolve().name == "run-1"
    publish(warehouse, home, TABLES, "run-3")
    assert snapshots(home) == ["run-1", "run-3"]


@pytest.mark.parametrize("step", ["_write_snapshot", "_put_in_place", "_point_current_at"])
def test_a_crash_at_any_step_is_cleared_by_the_next_run(
    warehouse: duckdb.DuckDBPyConnection, home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    publish(warehouse, home, TABLES, "run-1")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(serving, step, crash)
        with pytest.raises(KeyboardInterrupt):
            publish(warehouse, home, TABLES, "run-2")
    assert count_orders(current(home) / serving.DATABASE) == 1000
    publish(warehouse, home, TABLES, "run-3")
    assert current(home).resolve().name == "run-3"
    assert not [name for name in snapshots(home) if name.startswith(".")]


@pytest.mark.parametrize("name", ["../elsewhere", "current", "", ".hidden", "a/b"])
def test_a_run_name_that_is_no_folder_name_is_refused(
    warehouse: duckdb.DuckDBPyConnection, home: Path, name: str
) -> None:
    with pytest.raises(ValueError, match="cannot name a snapshot"):
        publish(warehouse, home, TABLES, name)


@pytest.mark.parametrize("table", ["identity.customer_identities", "raw.standard__orders"])
def test_identifiers_are_never_served(
    warehouse: duckdb.DuckDBPyConnection, home: Path, table: str
) -> None:
    with pytest.raises(ValueError, match="not served"):
        publish(warehouse, home, [table], "run-1")


def test_another_process_reads_while_this_one_writes_the_warehouse(
    warehouse: duckdb.DuckDBPyConnection, home: Path
) -> None:
    publish(warehouse, home, TABLES, "run-1")
    warehouse.execute("begin")
    warehouse.execute("insert into core.fct_orders select * from core.fct_orders")
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        seen = pool.apply(count_orders, (current(home) / serving.DATABASE,))
        frame = pool.apply(pd.read_parquet, (current(home) / "core.fct_orders.parquet",))
        with pytest.raises(duckdb.IOException):
            pool.apply(count_orders, (home / "warehouse.duckdb",))
        # Let it end by itself: where SIGTERM is ignored, leaving the pool would wait for ever.
        pool.close()
        pool.join()
    warehouse.execute("rollback")
    assert seen == 1000
    assert len(frame) == 1000


def test_an_older_release_of_duckdb_reads_the_snapshot(
    warehouse: duckdb.DuckDBPyConnection, home: Path, older_duckdb: Path
) -> None:
    comments = {"core.fct_orders": "It's an order.", "core.fct_orders.order_amount": "Paid."}
    publish(warehouse, home, TABLES, "run-1", comments)
    script = (
        "import sys, duckdb; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(duckdb.__version__, c.execute("
        "'select count(*), sum(order_amount), (select comment from duckdb_tables() '"
        "'where comment is not null) from core.fct_orders').fetchone())"
    )
    result = subprocess.run(
        [sys.executable, "-c", script, str(current(home) / serving.DATABASE)],
        env=os.environ | {"PYTHONPATH": str(older_duckdb)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    version, answer = result.stdout.strip().split(" ", 1)
    assert version.startswith("1.2.")
    assert answer == "(1000, Decimal('499500.0000'), \"It's an order.\")"
