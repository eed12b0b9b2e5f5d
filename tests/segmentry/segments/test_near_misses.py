"""A near miss is a customer whom one number, at most a tenth away, keeps out."""

from data_contracts.compiler.to_near_misses import near_misses_sql
from tests.segmentry.segments.folding import D1, at, empty_warehouse, segment


def near(where: str, spend: dict, visits: dict | None = None) -> list[tuple]:
    connection = empty_warehouse()
    at(connection, D1, spend, visits=visits or dict.fromkeys(spend, 0))
    frame, queries = near_misses_sql([segment("s", where)], "")
    connection.execute(f"create temp table near_frame as {frame}", {"as_of_date": D1})
    columns = "customer_id, conjunct, missed_value, threshold, round(distance_rate, 3)"
    return connection.execute(f"select {columns} from ({queries}) order by all").fetchall()


def test_one_number_within_a_tenth_is_near():
    spend = {"inside": 120, "near": 95, "at_a_tenth": 90, "far": 80, "unknown": None}
    assert near("spend >= 100", spend) == [
        ("at_a_tenth", "spend >= 100", 90.0, 100.0, 0.1),
        ("near", "spend >= 100", 95.0, 100.0, 0.05),
    ]


def test_two_parts_that_fail_are_no_near_miss():
    visits = {"one": 5, "two": 9.5, "other": 9.5}
    found = near("spend >= 100 and visits >= 10", {"one": 95, "two": 95, "other": 100}, visits)
    assert found == [("other", "visits >= 10", 9.5, 10.0, 0.05)]


def test_words_and_alternatives_have_no_near_miss():
    assert near("spend >= 100 or visits >= 10", {"a": 95}) == []
    assert near("email_consent = 'granted'", {"a": 95}) == []
