"""explain: true of the customer, in words, and clear about who is not there."""

import json

import duckdb
import pytest

from tests.conftest import segmentry

HEAD = "select {} from segments.customer_360 where order_count > 0 order by customer_id limit 1"


@pytest.fixture(scope="module")
def customer(shop_home):
    with served(shop_home) as connection:
        return connection.execute(HEAD.format("customer_id")).fetchone()[0]


def served(home):
    return duckdb.connect(str(home / "serving/current/segmentry.duckdb"), read_only=True)


def test_a_customer_is_explained_from_the_served_tables(shop_home, customer):
    told = json.loads(segmentry("explain", customer, "--home", str(shop_home), "--json").stdout)
    with served(shop_home) as connection:
        stage = connection.execute(HEAD.format("lifecycle_stage")).fetchone()[0]
        scores = connection.execute(
            "select target, score, reason_1_feature from models.customer_scores where "
            "customer_id = ? and as_of_date = (select max(as_of_date) from models.customer_scores)",
            [customer],
        ).fetchall()
        inside = connection.execute(
            "select segment_id from segments.segment_membership where customer_id = ?", [customer]
        ).fetchall()
    assert told["stage"] == stage
    answers = {score["target"]: score for score in told["scores"]}
    assert {target for target, _, _ in scores} == set(answers)
    for target, score, feature in scores:
        assert answers[target]["score"] == score
        if score is None:
            assert answers[target]["why_none"]
        elif feature:
            assert answers[target]["reasons"][0]["feature"] == feature
            assert answers[target]["reasons"][0]["words"]
    assert {stay["segment_id"] for stay in told["segments"]["stays"]} == {row[0] for row in inside}
    assert told["segments"]["judged"]
    for stay in told["segments"]["stays"]:
        assert stay["parts"]
    for near in told["segments"]["nearest"]:
        assert not near["missing"]["holds"]


def test_what_is_printed_is_for_people(shop_home, customer):
    text = segmentry("explain", customer, "--home", str(shop_home)).stdout
    assert text.startswith(customer)
    assert "Will this customer" in text
    assert "None" not in text
    assert "nan" not in text.split()


def test_an_unknown_customer_is_told_where_ids_are_found(shop_home):
    done = segmentry("explain", "nobody", "--home", str(shop_home), expect=2)
    assert "no customer 'nobody'" in done.stderr
    assert "segments.customer_360" in done.stderr


def test_a_home_without_a_run_is_told_to_run(tmp_path):
    done = segmentry("explain", "nobody", "--home", str(tmp_path), expect=2)
    assert "nothing to read yet" in done.stderr


def test_every_target_has_its_card(shop_home):
    cards = {path.stem: path.read_text() for path in (shop_home / "report/models").glob("*.md")}
    with served(shop_home) as connection:
        rows = connection.execute(
            "select target, max(model_version) from models.customer_scores where as_of_date = "
            "(select max(as_of_date) from models.customer_scores) group by target"
        ).fetchall()
    assert {target for target, _ in rows} == set(cards)
    for target, version in rows:
        assert (f"`{version}`" if version else "There is none.") in cards[target]
