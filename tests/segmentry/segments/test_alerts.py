"""Alerts tell a segment that moves as it always does from one that a person should look at."""

import datetime

import pandas as pd

from segmentry.segments.alerts import extremes, jumps, overdue

NO_REASONS = pd.DataFrame(columns=["segment_id", "reason", "move_count"])


def sizes(*counts: int, segment_id: str = "big") -> pd.DataFrame:
    first = datetime.date(2024, 1, 1)
    days = [first + datetime.timedelta(days=7 * n) for n in range(len(counts))]
    return pd.DataFrame({"segment_id": segment_id, "as_of_date": days, "customer_count": counts})


def test_a_jump_beyond_its_own_history_is_told_with_the_reasons():
    reasons = pd.DataFrame(
        [("big", "definition_change", 480), ("big", "behaviour", 20)], columns=NO_REASONS.columns
    )
    (alert,) = jumps(sizes(1000, 1010, 1005, 1012, 1020, 1500), reasons)
    assert alert.check == "jumped"
    assert "from 1,020 to 1,500 customers" in alert.message
    assert "480 by definition_change, 20 by behaviour" in alert.message


def test_a_segment_that_always_moves_much_may_do_so_again():
    assert jumps(sizes(1000, 1400, 1000, 1450, 1000, 1500), NO_REASONS) == []


def test_a_small_segment_moves_by_chance():
    assert jumps(sizes(8, 9, 8, 8, 9, 13), NO_REASONS) == []


def test_a_short_history_tells_nothing():
    assert jumps(sizes(1000, 1010, 1005, 1012, 9000), NO_REASONS) == []


def test_a_segment_of_everyone_or_no_one_is_told():
    newest = pd.concat([sizes(5, 50, segment_id="all"), sizes(5, 0, segment_id="none")])
    assert [(a.check, a.segment_id) for a in extremes(newest, 50)] == [
        ("everyone", "all"),
        ("no_one", "none"),
    ]


def test_a_review_that_was_due_names_the_owner():
    day = datetime.date(2024, 6, 1)
    reviews = pd.DataFrame(
        [("old", day, "crm"), ("fresh", day + datetime.timedelta(1), "crm")],
        columns=["segment_id", "review_by", "owner"],
    )
    (alert,) = overdue(reviews, day + datetime.timedelta(1))
    assert alert.message == "old was to be reviewed by 2024-06-01: ask crm"
