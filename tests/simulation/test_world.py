"""The same seed makes the same world; it has every contracted column, and it lands."""

import hashlib
from datetime import datetime

import duckdb
import pyarrow.parquet as pq
import pytest

from data_contracts.compiler.loading import load_contracts
from segmentry.landing.source import land_source
from simulation.output import contracted_columns
from simulation.world import simulate

RUN_TIME = datetime(2024, 6, 1)


def digests(folder):
    return {
        path.relative_to(folder): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.parquet")
    }


def test_the_same_seed_writes_the_same_bytes_and_another_one_another_world(tmp_path):
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        simulate(300, 60, seed, tmp_path / name)
    first = digests(tmp_path / "one")
    assert first == digests(tmp_path / "again")
    other = digests(tmp_path / "other")
    assert not {path for path in first if first[path] == other.get(path)} - {
        path for path in first if path.parts[0] in ("email_campaigns", "ads_campaigns", "fx_rates")
        or path.parts[0] == "shop_discount_codes"
    }  # fmt: skip


def test_every_contracted_column_of_every_table_is_there_and_no_other(folder):
    for table, columns in contracted_columns().items():
        files = list((folder / table).glob("*.parquet"))
        assert files, f"{table} has no file"
        assert all(pq.read_schema(path).names == columns for path in files), table


def test_the_world_lands_with_nothing_in_quarantine(folder):
    with duckdb.connect() as connection:
        report = land_source(connection, "omnishop", folder, load_contracts(), RUN_TIME)
        assert {name: t.messages for name, t in report.tables.items() if t.quarantined} == {}
        for name, table in report.tables.items():
            files = (folder / name).glob("*.parquet")
            delivered = sum(pq.read_metadata(path).num_rows for path in files)
            assert table.landed + table.changed + table.unchanged == delivered, name
        assert report.tables["crm_contacts"].changed > 0
        assert report.tables["web_tracks"].unchanged > 0
        landed = "select count(*) from raw.omnishop__{} where {} is null"
        for table, column in (("shop_orders", "created_at"), ("web_pages", "timestamp")):
            assert connection.execute(landed.format(table, column)).fetchone() == (0,)


@pytest.fixture(scope="module")
def two_blocks(tmp_path_factory):
    path = tmp_path_factory.mktemp("two_blocks")
    simulate(25_400, 30, 1, path)
    return path


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("shop_orders", "id"), ("shop_order_lines", "id"), ("web_pages", "id"),
        ("web_tracks", "id"), ("email_events", "id"), ("crm_contacts", "id"),
        ("crm_companies", "id"), ("consent_receipts", "id"), ("helpdesk_tickets", "id"),
        ("ads_touches", "event_id"), ("sms_messages", "sid || status"),
    ],
)  # fmt: skip
def test_ids_of_two_blocks_never_meet(two_blocks, table, key):
    with duckdb.connect() as connection:
        shared = connection.execute(
            f"select count(*) from (select {key} from read_parquet('{two_blocks}/{table}/*', "
            f"filename = true) group by {key} "
            "having count(distinct regexp_extract(filename, '[0-9]{5}[.]')) > 1)"
        ).fetchone()
    assert shared == (0,)
