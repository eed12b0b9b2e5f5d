"""A segment is one checked condition; anything else is refused with its file and line."""

import json
from pathlib import Path

import duckdb
import pytest
import sqlglot

from data_contracts.compiler.catalogue import expand, load_catalogue
from data_contracts.compiler.conjuncts import conjuncts
from data_contracts.compiler.to_membership import frame_sql, membership_sql
from data_contracts.definitions.contract import ContractError

COLUMNS = {"orders_28d_count": "double", "top_category": "varchar", "tenure_days": "double"}
COLUMNS |= {"first_order_date": "date", "churn_score": "double"}
SEGMENT = """name: Buyers
kind: rule
description: They bought.
owner: marketing
where: WHERE
purpose: Talk to them.
status: approved
review_by: 2027-01-31
"""


def write(folder: Path, where: str, extra: str = "", name: str = "buyers") -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(SEGMENT.replace("where: WHERE", where or "#") + extra)
    return path


def load(folder: Path, where: str, extra: str = "", name: str = "buyers"):
    write(folder, f"where: {where}" if where else "", extra, name)
    return load_catalogue(folder, COLUMNS, {"income"})


def test_conditions_are_compiled_into_one_scan(tmp_path):
    load(tmp_path, "orders_28d_count > 1", name="many")
    definitions = load(tmp_path, "tenure_days < 10 or orders_28d_count = 1", name="new")
    segments = [s for d in definitions for s in expand(d, {})]
    connection = duckdb.connect()
    connection.execute(
        "create table frame as select * from (values ('a', 3, 5), ('b', 1, 99), ('c', null, 99)) "
        "as t(customer_id, orders_28d_count, tenure_days)"
    )
    sql = membership_sql(segments, "select * from frame", {"many": 0, "new": 1})
    rows = connection.execute(sql + " order by all").fetchall()
    assert rows == [("a", 0b11), ("b", 0b10), ("c", 0)]


def test_one_definition_makes_a_segment_per_value_and_quotes_it(tmp_path):
    (definition,) = load(
        tmp_path, "top_category = '{value}'", "for_each: top_category\nleading: 2\n"
    )
    first, second = expand(definition, {"BABY'S FOOD": "Baby's food", "BEEF": "Beef"})
    assert first.segment_id == "buyers_baby_s_food"
    assert first.enter.sql == "top_category = 'BABY''S FOOD'"
    assert second.enter.sql == "top_category = 'BEEF'"


def test_values_that_read_alike_as_ids_make_two_segments(tmp_path):
    (definition,) = load(tmp_path, "top_category = '{value}'", "for_each: top_category\n")
    found = expand(definition, {"BABY FOOD": "Baby food", "BABY-FOOD": "Baby-food"})
    assert [segment.segment_id for segment in found] == ["buyers_baby_food", "buyers_baby_food_"]


def test_every_clustering_makes_its_own_segments(tmp_path):
    write(tmp_path, "where: \"{column} = '{value}'\"", "for_each: cluster_*\n", "cluster")
    clusterings = {"cluster_price": "varchar", "cluster_value": "varchar"}
    price, value = load_catalogue(tmp_path, COLUMNS | clusterings, set())
    assert expand(price, {"c1": "Bargains"})[0].segment_id == "cluster_price_c1"
    assert expand(value, {"c1": "Big"})[0].enter.sql == "cluster_value = 'c1'"


def test_purchases_are_said_as_clauses_or_in_the_condition(tmp_path):
    clauses = """purchased: {category: COFFEE, within_days: 91, at_least: 2}
not_purchased: [{brand: [ACME, "O'Neil"]}, {product: P7, within_days: 28}]
"""
    (definition,) = load(tmp_path, "tenure_days > 1 or orders_28d_count > 1", clauses)
    assert [c.sql for c in conjuncts(definition.segment.enter)] == [
        "tenure_days > 1 OR orders_28d_count > 1",
        "ORDERS_WITH(category IN ('COFFEE'), 91) >= 2",
        "ORDERS_WITH(brand IN ('ACME', 'O''Neil')) = 0",
        "ORDERS_WITH(product IN ('P7'), 28) = 0",
    ]
    assert len(definition.segment.enter.purchases) == 3


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("order_28d_count > 1", "no column order_28d_count; did you mean orders_28d_count?"),
        ("segment_byers and tenure_days > 1", "did you mean segment_buyers?"),
        ("income = 'high'", "income is sensitive"),
        ("orders_28d_count > (select 1)", "is not allowed"),
        ("tenure_days in (select 1)", "is not allowed"),
        ("exists (select 1)", "is not allowed"),
        ("sum(orders_28d_count) > 1", "is not allowed"),
        ("row_number() over () = 1", "is not allowed"),
        ("orders_28d_count > 1; drop table x", "not a statement"),
        ("orders_28d_count > 1 order by 1", "without order"),
        ("orders_28d_count > 1 limit 1", "without limit"),
        ("orders_28d_count > 1 group by all", "without group"),
        ("orders_28d_count > 1 union select 2", "not a statement"),
        ("orders_28d_count >", "not a SQL condition"),
        ("tenure_days > 1) or (tenure_days < 3", "not a SQL condition"),
        ("1 = 1", "names no column"),
        ("tenure_days", "is not yes or no"),
        ("tenure_days + 1", "is not yes or no"),
        ("tenure_days and orders_28d_count > 1", "tenure_days is a number, not yes or no"),
        ("orders_28d_count = 'many'", "orders_28d_count is a number"),
        ("top_category = 3", "top_category is text"),
        ("top_category + 1 > 2", "top_category is text, not a number"),
        ("tenure_days between 1 and 'x'", "not comparable"),
        ("tenure_days in (1, 'x')", "not comparable"),
        ("coalesce(top_category, 1) = 'x'", "not comparable"),
        ("case when tenure_days > 1 then 'a' else 2 end = 'a'", "not comparable"),
        ("first_order_date > 'yesterday'", "is not a date"),
        ("f.tenure_days > 1", "without a table name"),
        ("read_csv('x') = 1", "is not allowed"),
        ("read_text('/etc/passwd') = 'x'", "is not allowed"),
        ("getenv('HOME') = 'x' and tenure_days > 1", "is not allowed"),
        ("current_setting('home_directory') = top_category", "is not allowed"),
        ("tenure_days > random()", "is not allowed"),
        ("first_order_date > current_date", "is not allowed"),
        ("top_category = 'a' || 'b'", "is not allowed"),
        ("top_category ~ 'a.*'", "is not allowed"),
        ("tenure_days::varchar = '1'", "only a date may be cast"),
        ("tenure_days > $as_of_date", "is not allowed"),
        ("tenure_days > ?", "is not allowed"),
        ("[tenure_days][1] > 1", "is not allowed"),
        ("list_sum([tenure_days]) > 1", "is not allowed"),
        ("tenure_days > (x -> x)", "is not allowed"),
        ("columns('tenure.*') > 1", "is not allowed"),
        ("* > 1", "is not allowed"),
        ("tenure_days > 1 or " * 300 + "tenure_days > 1", "at most 4,000 characters"),
        ("(" * 1500 + "tenure_days > 1" + ")" * 1500, "not a SQL condition"),
        ("orders_with('COFFEE', 91) > 1", "compare product, brand"),
        ("orders_with(tenure_days = '1', 91) > 1", "nothing else"),
        ("orders_with(category = read_text('x')) > 1", "with texts"),
        ("orders_with(category in (select 1)) > 1", "with texts"),
        ("orders_with(category = 'COFFEE', -3) > 1", "days are a whole number"),
        ("orders_with(category = 'COFFEE', 91, 2) > 1", "the days last"),
        ("orders_with(category = 'COFFEE', 91)", "is not yes or no"),
    ],
)
def test_anything_but_a_condition_over_known_columns_is_refused(tmp_path, where, message):
    with pytest.raises(ContractError) as error:
        load(tmp_path, json.dumps(where))
    assert message in str(error.value)
    assert "buyers.yaml, line 5" in str(error.value)


def test_a_comment_ends_a_condition_and_goes_no_further(tmp_path):
    (definition,) = load(tmp_path, json.dumps("tenure_days > 1 -- and so on */ drop table x"))
    assert definition.segment.enter.sql == "tenure_days > 1"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("colour: red\n", "unknown ['colour']"),
        ("exit: tenure_days > 1\n", "line 5: write where, or enter and exit"),
        ("minimum_stay_days: soon\n", "line 9: minimum_stay_days is a whole number"),
        ("lookalikes: -1\n", "line 9: lookalikes is a whole number"),
        ("for_each: flavour\n", "line 9: there is no column flavour"),
        ("purchased: {colour: red}\n", "line 9: purchased takes"),
        ("purchased: {within_days: 3}\n", "line 9: purchased names one of"),
        ("purchased: {category: A, within_days: 0}\n", "line 9: "),
        ("purchased: {category: A, at_least: 0}\n", "line 9: at_least is a whole number"),
        ("not_purchased: {category: A, at_least: 2}\n", "line 9: not_purchased means never"),
    ],
)
def test_an_entry_that_cannot_be_honoured_is_refused_with_its_line(tmp_path, extra, message):
    with pytest.raises(ContractError) as error:
        load(tmp_path, "tenure_days > 1", extra)
    assert message in str(error.value)
    assert "buyers.yaml" in str(error.value)


def test_a_segment_that_says_nothing_about_who_is_in_it_is_refused(tmp_path):
    with pytest.raises(ContractError, match="say who is in it"):
        load(tmp_path, "")


def test_segments_that_ask_about_each_other_in_a_circle_are_refused_with_the_line(tmp_path):
    write(tmp_path, "where: segment_two", name="one")
    with pytest.raises(ContractError, match=r"one.yaml, line 5: .*in a circle: one -> two -> one"):
        load(tmp_path, "segment_one", name="two")


def test_a_retired_segment_that_another_asks_about_is_refused(tmp_path):
    path = write(tmp_path, "where: tenure_days > 1", name="old")
    path.write_text(path.read_text().replace("approved", "retired"))
    with pytest.raises(ContractError, match=r"buyers.yaml, line 5: old is retired"):
        load(tmp_path, "segment_old")


def test_a_condition_is_taken_apart_at_its_ands(tmp_path):
    (definition,) = load(
        tmp_path,
        "(tenure_days between 3 and 9 and (top_category = 'A' or tenure_days = 4)) "
        "and 2 < orders_28d_count and -1 <= tenure_days",
    )
    parts = [(c.column, c.operator, c.threshold) for c in conjuncts(definition.segment.enter)]
    assert parts == [
        ("tenure_days", ">=", 3.0),
        ("tenure_days", "<=", 9.0),
        (None, None, None),
        ("orders_28d_count", ">", 2.0),
        ("tenure_days", ">=", -1.0),
    ]


def test_the_compiled_scan_speaks_the_languages_of_other_warehouses(tmp_path):
    definitions = load(
        tmp_path,
        "tenure_days > 1 and first_order_date >= '2024-01-01' and churn_score > 0.5",
        "minimum_stay_days: 7\npurchased: {category: COFFEE, within_days: 91}\n",
    )
    segments = [d.segment for d in definitions]
    sql = membership_sql(segments, frame_sql(segments, stays="stays"), {"buyers": 0})
    for dialect in ("spark", "snowflake", "bigquery"):
        sqlglot.transpile(
            sql, read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE
        )
