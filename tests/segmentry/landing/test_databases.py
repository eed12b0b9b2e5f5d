"""A live database delivers a source's tables: only what is new travels, and lands like a file."""

import os

import dagster as dg
import duckdb
import pytest
import sqlalchemy as sa

from data_contracts.compiler.loading import load_contracts
from orchestration.defs.raw import build_raw_assets
from orchestration.resources import SegmentryHome
from segmentry.home import Config, ConfigurationError, Home
from segmentry.landing.databases import database_tables, read_database, reference_of
from tests import postgres

VARIABLE = "SEGMENTRY_BILLING_URL"
TYPES = {"string": "text", "timestamp": "timestamptz", "date": "date", "money": "numeric(18, 4)"}
TABLES = database_tables(load_contracts(), "omnishop")["billing"]
CUSTOMER = "insert into billing_customers values (:id, :email, 'Ann', null, '7', :at, :at)"


@pytest.fixture(scope="module")
def server():
    """PostgreSQL from Debian's package; a missing one skips the test, except where CI=true."""
    if not postgres.installed():
        message = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with postgres.running() as url:
        yield url


@pytest.fixture
def billing(server, monkeypatch):
    """The billing system's tables, empty, typed by the contract, and their URL in a variable."""
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        for table in TABLES:
            name = table.name.split("__")[1]
            columns = ", ".join(f"{c.name} {TYPES[c.type]}" for c in table.columns)
            connection.execute(sa.text(f"drop table if exists {name}"))
            connection.execute(sa.text(f"create table {name} ({columns})"))
    monkeypatch.setenv(VARIABLE, server)
    yield engine
    engine.dispose()


def tell(engine, sql, *rows):
    with engine.begin() as connection:
        for row in rows or [{}]:
            connection.execute(sa.text(sql), row)


def customers(*numbers, month="01"):
    return [
        {"id": f"c{n}", "email": f"{n}@mail.example", "at": f"2024-{month}-{n:02} 10:00:00+02"}
        for n in numbers
    ]


@pytest.fixture
def home(tmp_path):
    """A home whose omnishop has one order in a file and its billing in the database."""
    orders = tmp_path / "landing" / "shop_orders.csv"
    orders.parent.mkdir()
    orders.write_text("id,created_at,currency,total_price\n1,2024-01-01 10:00:00,EUR,20\n")
    found = Home(tmp_path / "home")
    found.write_config(
        Config({"omnishop": str(orders.parent)}, databases={"billing": f"env:{VARIABLE}"})
    )
    return found


def land(home):
    """Land omnishop as a run does; returns rows of raw by SQL."""
    assets = build_raw_assets("omnishop", load_contracts().sources()["omnishop"])
    result = dg.materialize([assets], resources={"segmentry": SegmentryHome(root=str(home.root))})
    assert result.success
    with duckdb.connect(str(home.warehouse)) as connection:
        return connection.execute(
            "select id, email, _version from raw.omnishop__billing_customers order by all"
        ).fetchall()


def travelled(home):
    """Ids in each file that came from the database, oldest file first."""
    files = sorted((home.delivered / "omnishop" / "billing_customers").glob("*.parquet"))
    read = "select id from read_parquet(?) order by id"
    return [[row[0] for row in duckdb.execute(read, [str(file)]).fetchall()] for file in files]


def test_only_new_and_changed_rows_travel_and_the_warehouse_keeps_each_once(billing, home):
    tell(billing, CUSTOMER, *customers(1, 2, 3, 4))
    assert [row[:1] + row[2:] for row in land(home)] == [(f"c{n}", 1) for n in (1, 2, 3, 4)]
    tell(billing, CUSTOMER, *customers(5, 6, month="02"))
    tell(
        billing,
        "update billing_customers set email = 'new', updated = '2024-02-07' where id = 'c2'",
    )
    found = land(home)
    assert [row for row in found if row[0] == "c2"] == [
        ("c2", "2@mail.example", 1),
        ("c2", "new", 2),
    ]
    assert [row[0] for row in found] == ["c1", "c2", "c2", "c3", "c4", "c5", "c6"]
    # c4 was the newest row: those of the hour before it are asked for again.
    assert travelled(home) == [["c1", "c2", "c3", "c4"], ["c2", "c4", "c5", "c6"]]
    assert land(home) == found
    assert travelled(home)[2:] == [["c2"]]


def test_a_transaction_that_was_committed_late_is_not_missed(billing, home):
    tell(billing, CUSTOMER, {"id": "c1", "email": "1", "at": "2024-01-01 10:00:00+00"})
    land(home)
    tell(billing, CUSTOMER, {"id": "c0", "email": "0", "at": "2024-01-01 09:30:00+00"})
    assert [row[0] for row in land(home)] == ["c0", "c1"]


def test_a_bad_row_of_a_database_goes_to_quarantine(billing, home):
    tell(billing, CUSTOMER, *customers(1))
    tell(billing, "insert into billing_customers (id, updated) values ('c9', '2024-01-09')")
    assert [row[0] for row in land(home)] == ["c1"]
    with duckdb.connect(str(home.warehouse)) as connection:
        held = connection.execute(
            "select table_name, column_name, rule from ops.quarantined_rows"
        ).fetchall()
    assert held == [("billing_customers", "created", "required")]


def test_no_file_of_the_home_holds_the_password(billing, home):
    tell(billing, CUSTOMER, *customers(1))
    land(home)
    files = [path for path in home.root.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"the-password" in path.read_bytes()]


def test_a_url_on_the_command_line_is_only_kept_in_the_environment(monkeypatch):
    monkeypatch.delenv("SEGMENTRY_DATABASE_BILLING", raising=False)
    url = "postgresql://u:the-password@h/d"
    assert reference_of("billing", url) == "env:SEGMENTRY_DATABASE_BILLING"
    assert os.environ["SEGMENTRY_DATABASE_BILLING"] == url
    assert reference_of("billing", "env:OTHER") == "env:OTHER"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, f"the environment variable {VARIABLE} is not set"),
        ("no url at all", "billing cannot be read"),
        ("postgresql://u:the-password@127.0.0.1:1/d", "billing cannot be read.*refused"),
    ],
)
def test_a_database_that_cannot_be_read_says_so_without_its_password(
    tmp_path, monkeypatch, url, message
):
    if url:
        monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(ConfigurationError, match=message) as raised:
        read_database(Home(tmp_path), "omnishop", "billing", f"env:{VARIABLE}", TABLES)
    assert "the-password" not in str(raised.value)


def test_a_table_that_the_database_lacks_is_named(billing, home):
    tell(billing, "drop table billing_events")
    with pytest.raises(ConfigurationError, match="billing_events"):
        read_database(home, "omnishop", "billing", f"env:{VARIABLE}", TABLES)


def test_a_url_in_the_configuration_is_refused(tmp_path):
    home = Home(tmp_path)
    home.create()
    home.config_file.write_text("databases: {billing: 'postgresql://u:p@h/d'}\n")
    with pytest.raises(ConfigurationError, match="env:VARIABLE"):
        home.read_config()
