"""The recipe of a database: two custom properties on a table of the source's contract, no code."""

import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.definitions.contract import ContractError
from segmentry.home import Config, ConfigurationError, Home
from segmentry.landing.configured import land_configured
from segmentry.landing.deliveries import database_urls

CONTRACT = "tables/raw/omnishop.odcs.yaml"
TABLE = "  - name: crm_contacts\n"
BUILT = "      - {property: builtBy, value: landing}\n"
DATABASE = "      - {property: database, value: crm}\n"
CURSOR = "      - {property: cursor, value: lastmodifieddate}\n"
CLOCK = datetime(2024, 3, 1, 6, 0)


def contracts_with(folder: Path, *properties: str):
    """The contracts of a copy in which the CRM's contacts have these properties too."""
    copy = folder / "data_contracts"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    before, table, after = (copy / CONTRACT).read_text().partition(TABLE)
    after = after.replace(BUILT, BUILT + "".join(properties), 1)
    (copy / CONTRACT).write_text(before + table + after)
    return load_contracts(copy)


def test_a_table_with_a_database_and_a_cursor_is_read_from_it_and_lands(tmp_path, monkeypatch):
    contracts = contracts_with(tmp_path, DATABASE, CURSOR)
    urls = database_urls(contracts, ["omnishop"], ["crm=env:CRM_URL"])
    assert urls == {"crm": "env:CRM_URL"}
    with sqlite3.connect(tmp_path / "crm.sqlite") as crm:
        crm.execute("create table crm_contacts (id text, createdate text, lastmodifieddate text)")
        crm.execute("insert into crm_contacts values ('7', '2024-01-05', '2024-02-01 10:00:00')")
    monkeypatch.setenv("CRM_URL", f"sqlite:///{tmp_path / 'crm.sqlite'}")
    orders = tmp_path / "landing" / "shop_orders.csv"
    orders.parent.mkdir()
    orders.write_text("id,created_at,currency,total_price\n1,2024-01-01 10:00:00,EUR,20\n")
    home = Home(tmp_path / "home")
    home.write_config(Config({"omnishop": str(orders.parent)}, databases=urls))
    report = land_configured(home, contracts, "omnishop", CLOCK)
    assert report.fetched == {"crm": {"crm_contacts": 1}}
    with duckdb.connect(str(home.warehouse)) as connection:
        rows = connection.execute("select id from raw.omnishop__crm_contacts").fetchall()
    assert rows == [("7",)]


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ((DATABASE,), "omnishop__crm_contacts: a database needs the custom property cursor"),
        ((CURSOR,), "omnishop__crm_contacts: a cursor needs the custom property database"),
        (
            (DATABASE, CURSOR.replace("lastmodifieddate", "modified")),
            "omnishop__crm_contacts: cursor: 'modified' is no column of this table",
        ),
    ],
)
def test_a_missing_step_is_named(tmp_path, properties, message):
    with pytest.raises(ContractError, match=f"omnishop.odcs.yaml: {message}"):
        contracts_with(tmp_path, *properties)


def test_a_database_that_no_contract_names_is_refused_with_those_that_one_names(tmp_path):
    with pytest.raises(ConfigurationError, match=r"--database crm: .*omnishop: billing"):
        database_urls(contracts_with(tmp_path), ["omnishop"], ["crm=env:CRM_URL"])
