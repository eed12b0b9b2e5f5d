"""The one door: typed writes that replace, and a lock that says who is in the way."""

import datetime
import multiprocessing
import threading
import time

import duckdb
import pandas as pd
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.home import ConfigurationError, Home
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import rows_of

TABLE = load_contracts().tables["models.labels"]
DAY = datetime.date(2024, 1, 1)


@pytest.fixture
def warehouse(tmp_path):
    house = Warehouse(Home(tmp_path / "home"))
    house.create(load_contracts())
    return house


def rows(date=DAY, label=1.0, customers=("a", "b")):
    return pd.DataFrame(
        {
            "customer_id": customers, "as_of_date": date, "target": "churn_28d",
            "label": label, "matured_on": date + datetime.timedelta(days=28),
        }
    )  # fmt: skip


def test_writing_a_date_twice_replaces_it_and_leaves_the_others(warehouse):
    later = DAY + datetime.timedelta(days=7)
    warehouse.replace(TABLE, rows())
    warehouse.replace(TABLE, rows(later), f"as_of_date = date '{later}'")
    warehouse.replace(TABLE, rows(later, 0.0), f"as_of_date = date '{later}'")
    found = warehouse.read(
        "select as_of_date, sum(label) s, count(*) n from models.labels group by 1 order by 1"
    )
    assert found[["s", "n"]].to_numpy().tolist() == [[2.0, 2.0], [0.0, 2.0]]


def test_writing_nothing_for_a_date_takes_its_old_rows_away(warehouse):
    warehouse.replace(TABLE, rows())
    warehouse.replace(TABLE, rows_of(TABLE, []), f"as_of_date = date '{DAY}'")
    assert warehouse.count("models.labels") == 0


def test_a_row_that_breaks_a_constraint_leaves_the_table_as_it_was(warehouse):
    warehouse.replace(TABLE, rows())
    with pytest.raises(Exception, match="NOT NULL"):
        warehouse.replace(TABLE, rows(customers=("a", None)))
    assert warehouse.count("models.labels") == 2


def test_a_date_is_rewritten_in_batches_from_what_was_there_before(warehouse):
    warehouse.replace(TABLE, rows(customers=tuple(f"c{n}" for n in range(5_000))))
    with warehouse.rewrite(TABLE, f"as_of_date = date '{DAY}'") as rewrite:
        sizes = []
        for batch in rewrite.batches("select * from models.labels", 2_048):
            sizes.append(len(batch))
            rewrite.insert(batch)
    assert max(sizes) <= 2_048
    assert sum(sizes) == rewrite.rows == warehouse.count("models.labels") == 5_000


def test_a_rewrite_that_fails_leaves_the_table_as_it_was(warehouse):
    warehouse.replace(TABLE, rows())

    def give_up_halfway():
        with warehouse.rewrite(TABLE, "true") as rewrite:
            for batch in rewrite.batches("select * from models.labels", 2_048):
                rewrite.insert(batch)
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        give_up_halfway()
    assert warehouse.count("models.labels") == 2


def test_a_home_of_an_earlier_release_gains_the_columns_it_lacks(warehouse):
    with warehouse.connect() as connection:
        connection.execute("drop table models.labels")
        connection.execute("create table models.labels (customer_id varchar, gone integer)")
    warehouse.create(load_contracts())
    warehouse.replace(TABLE, rows())
    assert warehouse.read("select sum(label) s from models.labels")["s"][0] == 2


def test_columns_that_differ_from_the_contract_are_named(warehouse):
    with pytest.raises(ValueError, match=r"columns differ from the contract: \['weight'\]"):
        warehouse.replace(TABLE, rows().assign(weight=1))


def hold(root, ready):
    with Warehouse(Home(root)).connect():
        ready.set()
        time.sleep(30)


def test_a_second_process_waits_and_then_says_what_to_do(warehouse):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    other = context.Process(target=hold, args=(warehouse.home.root, ready))
    other.start()
    try:
        assert ready.wait(60)
        impatient = Warehouse(warehouse.home, lock_seconds=0.5)
        with pytest.raises(
            ConfigurationError, match=r"in use by another run[\s\S]*serving/current"
        ):
            impatient.count("models.labels")
    finally:
        other.kill()
        other.join()
    assert warehouse.count("models.labels") == 0, "a lock dies with its process"


def _look_inside(path, opened, leave):
    with duckdb.connect(str(path), read_only=True):
        opened.set()
        leave.wait(60)


def test_a_program_that_has_the_file_open_is_waited_for_and_then_named(warehouse):
    spawn = multiprocessing.get_context("spawn")
    opened, leave = spawn.Event(), spawn.Event()
    reader = spawn.Process(target=_look_inside, args=(warehouse.home.warehouse, opened, leave))
    reader.start()
    assert opened.wait(60)
    impatient = Warehouse(warehouse.home, lock_seconds=0.2)
    with pytest.raises(ConfigurationError, match=rf"PID {reader.pid}\); close it there"):
        impatient.count("models.labels")
    threading.Timer(0.3, leave.set).start()
    assert warehouse.count("models.labels") == 0
    reader.join()
