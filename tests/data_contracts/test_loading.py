"""A contract that cannot be honoured is refused, and the message says where and what to do."""

import textwrap
from pathlib import Path

import pytest

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import ContractError

COLUMNS = """
order_id: {type: string, classification: internal, description: "The order."}
amount: {type: money, classification: internal, description: "What was paid."}
email: {type: string, classification: personal, description: "Address."}
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: core.fct_orders
name: Orders
version: 1.0.0
status: active
domain: core
team: {name: data-platform}
description: {purpose: "Orders."}
schema:
  - name: fct_orders
    physicalType: table
    customProperties:
      - {property: builtBy, value: dbt}
    properties:
      - {name: order_id, primaryKey: true}
      - PROPERTY
    quality:
      - QUALITY
"""
ROWS = "{metric: rowCount, mustBeGreaterThan: 0}"


@pytest.fixture
def folder(tmp_path: Path):
    def write(prop="{name: amount, required: true}", quality=ROWS, columns=COLUMNS, **changes):
        text = CONTRACT.replace("PROPERTY", prop).replace("QUALITY", quality)
        for old, new in changes.values():
            text = text.replace(old, new)
        (tmp_path / "tables" / "core").mkdir(parents=True, exist_ok=True)
        (tmp_path / "columns.yaml").write_text(textwrap.dedent(columns))
        (tmp_path / "tables" / "core" / "fct_orders.odcs.yaml").write_text(text)
        load_contracts.cache_clear()
        return tmp_path

    yield write
    load_contracts.cache_clear()


def test_a_sound_contract_gives_its_columns_key_and_rules(folder):
    table = load_contracts(folder()).tables["core.fct_orders"]
    assert [(c.name, c.sql_type, c.required) for c in table.columns] == [
        ("order_id", "varchar", True),
        ("amount", "decimal(18,4)", True),
    ]
    assert table.key == ("order_id",)
    assert [rule.kind for rule in table.rules] == ["not_null", "not_null", "unique", "row_count"]
    assert table.owner == "data-platform"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prop": "{name: weight}"}, "fct_orders.weight: not in data_contracts/columns.yaml"),
        ({"prop": "{name: amount, type: double}"}, "type, meaning and classification belong in"),
        ({"prop": "{name: order_id}"}, "a column is listed twice"),
        (
            {"prop": "{name: amount, quality: [{metric: medianValue, mustBe: 1}]}"},
            "cannot be rendered; nothing skips a rule",
        ),
        (
            {"prop": "{name: amount, logicalTypeOptions: {multipleOf: 2}}"},
            "logicalTypeOptions ['multipleOf'] cannot be rendered",
        ),
        ({"quality": "{metric: freshness, mustBe: 1}"}, "cannot be rendered"),
        (
            {"prop": "{name: amount, relationships: [{to: core.nothing.order_id}]}"},
            "relationship to unknown core.nothing",
        ),
        ({"a": ("builtBy, value: dbt", "builtBy, value: hand")}, "builtBy must be one of"),
        ({"a": ("domain: core", "domain: gold")}, "domain must be one of"),
        ({"a": ("team: {name: data-platform}", "team: {}")}, "name the owner under team.name"),
        ({"a": ("status: active", "status: active\nstatus: draft")}, "'status' stands there twice"),
        ({"columns": COLUMNS.replace("money", "cash")}, "amount: type must be one of"),
        ({"columns": COLUMNS.replace("personal", "secret")}, "classification must be one of"),
        ({"columns": COLUMNS.replace('"Address."', '""')}, "email: give a description"),
    ],
)
def test_a_contract_that_cannot_be_honoured_is_refused(folder, change, message):
    with pytest.raises(ContractError) as error:
        load_contracts(folder(**change))
    assert message in str(error.value)
    assert ".yaml" in str(error.value)
