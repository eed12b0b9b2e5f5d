"""A source is a contract and its staging views; no code names it."""

import datetime
from dataclasses import replace

import duckdb
import pytest

from data_contracts.definitions.contract import ContractError
from segmentry.landing.source import land_source
from tests.architecture.recipes import steps

STEPS = (steps.CONTRACT, steps.WORDS, steps.VIEW)


def test_a_source_is_complete_with_its_contract_its_words_and_a_view_an_entity(tree):
    for step in STEPS:
        tree.write(step)
    tree.sync()
    tree.check()
    assert "tills" in tree.contracts().sources()


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        (steps.CONTRACT, "data_contracts/tables/raw/tills.odcs.yaml"),
        (steps.WORDS, "data_contracts/columns.yaml"),
        (steps.VIEW, "dbt_project/models/staging/tills/stg_tills__orders.sql"),
    ],
    ids=["contract", "words", "view"],
)
def test_a_step_that_is_left_out_is_named(tree, missing, named):
    for step in STEPS:
        if step is not missing:
            tree.write(step)
    with pytest.raises(ContractError, match=named):
        tree.sync()


def test_a_view_of_no_entity_is_refused_with_the_contract_to_add(tree):
    for step in STEPS:
        tree.write(step)
    tree.write((steps.VIEW[0].replace("orders", "parcels"), "select 1 as parcel_id"))
    with pytest.raises(ContractError, match=r"data_contracts/tables/entities/parcels\.odcs\.yaml"):
        tree.sync()


def test_its_files_land_and_its_view_delivers_them_beside_those_of_other_sources(
    compiled, tmp_path
):
    assert "'tills' as source_system" in compiled.sql("stg_all__orders")
    (tmp_path / "receipts").mkdir()
    lines = ["receipt_number,loyalty_id,printed_at,sales_value", "7,c1,2024-03-01 10:00:00,12.50"]
    (tmp_path / "receipts" / "march.csv").write_text("\n".join(lines))
    contracts = compiled.tree.contracts()
    with duckdb.connect(str(tmp_path / f"{compiled.home.warehouse.stem}.duckdb")) as connection:
        clock = datetime.datetime(2024, 4, 1)
        report = land_source(connection, "tills", tmp_path, contracts, clock)
        assert report.tables["receipts"].landed == 1
        orders = connection.execute(compiled.sql("stg_tills__orders")).fetchdf()
    assert list(orders["order_id"]) == ["7"]
    assert list(orders["source_customer_id"]) == ["c1"]
    assert float(orders["order_amount"].iloc[0]) == 12.5


def test_a_raw_table_that_no_contract_has_is_no_source(tree):
    contracts = tree.contracts()
    without = {name: table for name, table in contracts.tables.items() if "omnishop" not in name}
    assert "omnishop" not in replace(contracts, tables=without).sources()
