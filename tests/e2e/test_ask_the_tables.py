"""The page of questions answers them, on the demo, each by the query that stands there."""

import re

import duckdb
import pytest

from segmentry.home import PROJECT

PAGE = PROJECT / "data_contracts/ASK_THE_TABLES.md"
QUESTION = re.compile(r"^## (\d+)\. .*?```sql\n(.*?)```", re.MULTILINE | re.DOTALL)
QUERIES = {int(number): sql for number, sql in QUESTION.findall(PAGE.read_text())}


@pytest.fixture(scope="module")
def served(demo_home):
    file = str(demo_home / "serving/current/segmentry.duckdb")
    with duckdb.connect(file, read_only=True) as connection:
        yield connection


@pytest.fixture
def answer(served):
    return lambda number: served.execute(QUERIES[number]).df()


def one(served, sql):
    return served.execute(sql).fetchone()[0]


def test_there_are_ten_questions():
    assert sorted(QUERIES) == list(range(1, 11))


def test_members_of_two_segments_are_those_of_both(served, answer):
    (row,) = answer(1).to_dict("records")
    both = one(
        served,
        """
        select count(*) from segments.segment_membership as a
        inner join segments.segment_membership as b using (customer_id)
        where a.segment_id = 'high_value' and b.segment_id = 'at_risk'
        """,
    )
    assert row["customer_count"] == both > 0
    assert row["expected_spend_amount"] > 0


def test_revenue_by_stage_is_all_revenue_and_every_order_has_a_customer(served, answer):
    rows = answer(2)
    total = one(served, "select sum(order_amount) from core.fct_orders where cancelled_at is null")
    assert rows["revenue_amount"].sum() == pytest.approx(float(total))
    assert "not in customer_360" not in set(rows["stage_now"])
    assert rows["order_month"].nunique() >= 12


def test_revenue_by_category_is_all_revenue_of_lines(served, answer):
    rows = answer(3)
    total = one(
        served, "select sum(line_amount) from core.fct_order_lines where cancelled_at is null"
    )
    assert rows["revenue_amount"].sum() == pytest.approx(float(total))
    assert rows["category"].nunique() > 50


def test_some_of_those_who_were_given_a_campaign_redeem(answer):
    rows = answer(4)
    assert (rows["redeemer_count"] <= rows["customer_count"]).all()
    assert 0 < rows["redeemer_count"].sum() < rows["customer_count"].sum()
    assert rows["campaign_id"].nunique() > 5


def test_not_everybody_is_in_another_segment(answer):
    rows = answer(5)
    assert rows["as_of_date"].nunique() >= 4
    assert rows["overlap_rate"].dropna().between(0, 1).all()
    assert (rows["overlap_rate"] < 1).any()


def test_one_model_is_in_force_and_has_a_test(answer):
    rows = answer(6)
    assert rows["model_version"].nunique() == 1
    assert {"test", "validation"} <= set(rows["split"])
    tested = rows[(rows["split"] == "test") & (rows["metric"] == "auc")]
    assert tested["value"].between(0.7, 1).all()


def test_what_was_predicted_is_near_to_what_happened(answer):
    rows = answer(7).set_index("target").loc[["purchase_7d"]]
    assert rows["predicted"].sum() == pytest.approx(rows["observed"].sum(), rel=0.2)


def test_members_of_high_value_are_expected_to_spend_most_each(answer):
    rows = answer(8).set_index("segment_id")
    each = rows["expected_spend_amount"] / rows["customer_count"]
    assert each["high_value"] > each.median()


def test_next_categories_are_those_of_the_shop(served, answer):
    rows = answer(9)
    known = {row[0] for row in served.execute("select category from core.dim_products").fetchall()}
    assert len(rows) > 3
    assert set(rows["category"]) <= known


def test_a_first_run_says_how_long_its_steps_took(answer):
    rows = answer(10)
    assert {"raw", "core", "models", "segments"} <= set(rows["stage"])
    assert rows["seconds"].sum() > 0
    assert not rows["step"].str.contains("serving").any(), "it had not ended"


def test_parquet_has_the_columns_and_types_of_the_file(served, demo_home):
    for name in ("core.fct_orders", "core.fct_order_lines", "segments.customer_360"):
        parquet = demo_home / "serving/current" / f"{name}.parquet"
        described = [
            served.execute(f"select column_name, column_type from (describe {x})").fetchall()
            for x in (name, f"select * from '{parquet}'")
        ]
        assert described[0] == described[1]
        assert "customer_id" in dict(described[0])
