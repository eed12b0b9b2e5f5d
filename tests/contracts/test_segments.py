"""A segment is one checked condition; anything else is refused with its file and line."""

from pathlib import Path

import duckdb
import pytest

from data_contracts.compiler.contract import ContractError
from data_contracts.compiler.segments import expand, load_catalogue, membership_sql

COLUMNS = {"orders_28d_count": "double", "top_category": "varchar", "tenure_days": "double"}
SEGMENT = """name: Buyers
kind: rule
description: They bought.
owner: marketing
where: WHERE
purpose: Talk to them.
status: approved
review_by: 2027-01-31
"""


def load(folder: Path, where: str, extra: str = "", name: str = "buyers"):
    (folder / f"{name}.yaml").write_text(SEGMENT.replace("WHERE", where) + extra)
    return load_catalogue(folder, COLUMNS, {"income"})


def test_a_condition_is_compiled_into_one_scan(tmp_path):
    load(tmp_path, "orders_28d_count > 1", name="many")
    definitions = load(tmp_path, "tenure_days < 10 or orders_28d_count = 1", name="new")
    segments = [s for d in definitions for s in expand(d, {})]
    connection = duckdb.connect()
    connection.execute(
        "create table frame as select * from (values ('a', 3, 5), ('b', 1, 99), ('c', null, 99)) "
        "as t(customer_id, orders_28d_count, tenure_days)"
    )
    rows = connection.execute(membership_sql(segments, "frame") + " order by all").fetchall()
    assert rows == [("a", "many"), ("a", "new"), ("b", "new")]


def test_one_definition_makes_a_segment_per_value_and_quotes_it(tmp_path):
    (definition,) = load(
        tmp_path, "top_category = '{value}'", "for_each: top_category\nleading: 2\n"
    )
    first, second = expand(definition, {"BABY'S FOOD": "Baby's food", "BEEF": "Beef"})
    assert first.segment_id == "buyers_baby_s_food"
    assert first.condition == "top_category = 'BABY''S FOOD'"
    assert second.condition == "top_category = 'BEEF'"


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("order_28d_count > 1", "no column order_28d_count; did you mean orders_28d_count?"),
        ("income = 'high'", "income is sensitive"),
        ("orders_28d_count > (select 1)", "is not allowed"),
        ("sum(orders_28d_count) > 1", "is not allowed"),
        ("row_number() over () = 1", "is not allowed"),
        ("orders_28d_count > 1; drop table x", "not a statement"),
        ("orders_28d_count > 1 order by 1", "without order"),
        ("orders_28d_count > 1 union select 2", "not a statement"),
        ("read_csv('x') = 1", "is not allowed"),
        ("orders_28d_count >", "not a SQL condition"),
        ("1 = 1", "names no column"),
        ("orders_28d_count = 'many'", "orders_28d_count is a number"),
        ("top_category = 3", "top_category is text"),
        ("f.tenure_days > 1", "without a table name"),
    ],
)
def test_anything_but_a_condition_over_known_columns_is_refused(tmp_path, where, message):
    with pytest.raises(ContractError) as error:
        load(tmp_path, where)
    assert message in str(error.value)
    assert "buyers.yaml, line 5" in str(error.value)


def test_an_entry_that_is_missing_or_unknown_is_refused(tmp_path):
    with pytest.raises(ContractError, match="unknown \\['colour'\\]"):
        load(tmp_path, "tenure_days > 1", "colour: red\n")
