"""DuckDB's doors: in memory, read-only, and frames that SQL reads while a block lasts."""

import duckdb
import pandas as pd
import pytest

from segmentry.warehouse.engines.duckdb import open_file, open_in_memory, open_read_only, relations

FRAME = pd.DataFrame({"a": [1, 2]})


def test_a_frame_is_a_relation_within_the_block_alone():
    with open_in_memory() as connection:
        with relations(connection, numbers=FRAME, others=FRAME):
            total = connection.execute("select sum(a) from (from numbers union all from others)")
            assert total.fetchall() == [(6,)]
        with pytest.raises(duckdb.CatalogException):
            connection.execute("from numbers")


def test_what_went_wrong_within_the_block_is_what_is_raised():
    with open_in_memory() as connection:
        connection.execute("create table t (a integer not null)")
        connection.execute("begin")
        with pytest.raises(duckdb.ConstraintException), relations(connection, numbers=FRAME):
            connection.execute("insert into t select null from numbers")


def test_a_reader_writes_nothing_and_two_may_read_at_once(tmp_path):
    path = tmp_path / "a.duckdb"
    with open_file(path, wait_seconds=1) as connection:
        connection.execute("create table t as select 1 as a")
    with open_read_only(path) as one, open_read_only(path) as two:
        assert one.execute("from t").fetchall() == two.execute("from t").fetchall() == [(1,)]
        with pytest.raises(duckdb.InvalidInputException, match="read-only"):
            one.execute("drop table t")
