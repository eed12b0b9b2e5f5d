"""The mart of a synthetic shop: files shuffled, repeated or cut off at a date change nothing."""

import datetime

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.landing.source import land_source
from segmentry.warehouse.tables import create_table
from tests.dbt_project.world import build, features

DATE = datetime.date(2024, 1, 15)
LANDED_AT = datetime.datetime(2024, 6, 1)
# What a row says only later than the time that makes it known.
LATER = {"shop_orders": ["cancelled_at"], "helpdesk_tickets": ["solved_at"]}


@pytest.fixture(scope="module")
def mart(omnishop_landing, tmp_path_factory):
    """A mart at DATE built from the exports, each file's table passed through `change` first."""

    def made(name, change):
        folder = tmp_path_factory.mktemp(name)
        for path in sorted(omnishop_landing.glob("*/*.parquet")):
            if path.parent.name != "truth":
                for number, table in enumerate(change(path.parent.name, pq.read_table(path))):
                    target = folder / "landing" / path.parent.name
                    target.mkdir(parents=True, exist_ok=True)
                    pq.write_table(table, target / f"{path.stem}-{number}.parquet")
        warehouse = folder / "mart.duckdb"
        with duckdb.connect(str(warehouse)) as connection:
            contracts = load_contracts()
            land_source(connection, "omnishop", folder / "landing", contracts, LANDED_AT)
            for table in contracts.tables.values():
                if table.builder == "python":
                    connection.execute(f"create schema if not exists {table.schema}")
                    connection.execute(create_table(table))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SEGMENTRY_KEY", "the key of the tests, no secret")
            patch.setenv("SEGMENTRY_WAREHOUSE", str(warehouse))
            patch.setenv("DBT_TARGET_PATH", str(folder / "target"))
            patch.setenv("DBT_LOG_PATH", str(folder / "logs"))
            build(warehouse, [DATE])
        return features(warehouse, DATE)

    return made


@pytest.fixture(scope="module")
def as_delivered(mart):
    return mart("delivered", lambda _name, table: [table])


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    assert len(left) > 500
    pd.testing.assert_frame_equal(left, right, check_exact=False, rtol=1e-9, atol=1e-12)


def test_files_shuffled_and_delivered_twice_give_the_same_mart(mart, as_delivered):
    rng = np.random.default_rng(1)

    def twice(_name, table):
        return [table.take(pa.array(rng.permutation(len(table)))) for _ in range(2)]

    assert_same(as_delivered, mart("twice", twice))


def test_files_cut_off_at_the_date_give_the_same_mart(mart, as_delivered):
    tables = {t.name.split("__")[1]: t for t in load_contracts().sources()["omnishop"]}

    def known(name, table):
        known_at = tables[name].known_at
        if known_at:
            table = table.filter(pa.array(_times(table[known_at]) < pd.Timestamp(DATE)))
        for column in LATER.get(name, []):
            late = _times(table[column]) >= pd.Timestamp(DATE)
            masked = pc.if_else(pa.array(late.fillna(False)), None, table[column])
            table = table.set_column(table.column_names.index(column), column, masked)
        return [table] if len(table) else []

    assert_same(as_delivered, mart("cut", known))


def _times(column: pa.ChunkedArray) -> pd.Series:
    """Times of any spelling as UTC without zone."""
    return pd.to_datetime(column.to_pandas(), utc=True, format="mixed").dt.tz_localize(None)
