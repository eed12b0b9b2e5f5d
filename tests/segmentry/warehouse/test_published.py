"""A published database: what it lacks is there and empty, what it has is as it was."""

from pathlib import Path

import duckdb
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.warehouse.published import open_published


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A file with one table, which lacks most of its columns."""
    path = tmp_path / "it's.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema ops")
        connection.execute("create table ops.settings as select 'a' as setting_name")
    return path


def test_a_missing_column_is_null_and_a_missing_table_is_empty(database: Path) -> None:
    with open_published(database, load_contracts()) as reader:
        assert reader.scalar("select setting_name from ops.settings") == "a"
        assert reader.scalar("select setting_value from ops.settings") is None
        assert reader.read("select * from segments.segment_summary").empty


def test_every_served_table_has_the_columns_of_its_contract(database: Path) -> None:
    contracts = load_contracts()
    with open_published(database, contracts) as reader:
        for table in contracts.tables.values():
            if table.served:
                columns = reader.read(f"select * from {table.full_name}").columns
                assert set(columns) == {column.name for column in table.served_columns}


def test_nothing_can_be_written_through_it(database: Path) -> None:
    with (
        open_published(database, load_contracts()) as reader,
        pytest.raises(duckdb.Error, match="read-only"),
    ):
        reader.read("insert into published.ops.settings values ('b')")
