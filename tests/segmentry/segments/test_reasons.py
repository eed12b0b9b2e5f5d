"""Every move carries the first reason that explains it."""

import pytest

from tests.segmentry.segments.folding import D1, D2, D3, at, empty_warehouse, folded, version

BIG = version("big", "spend > 10")
RISK = version("risk", "churn_score > 0.5")


@pytest.fixture
def warehouse():
    return empty_warehouse()


def reasons(rows, date=D2):
    return {(row[0], row[1]): row[4] for row in rows if row[3] == date}


def test_at_the_first_date_members_are_in_since_segments_were_first_judged(warehouse):
    at(warehouse, D1, {"a": 20, "b": 3})
    assert reasons(folded(warehouse, [D1], [BIG]), D1) == {("a", "big"): "first_judged"}


def test_a_definition_that_moves_500_people_is_the_reason_of_all_of_them(warehouse):
    for date in (D1, D2):
        warehouse.execute(
            """
            insert into features.customer_features
                select 'c' || n, $date, case when n < 500 then 8 else n % 2 * 20 end, 0, null
                from range(2000) as t(n);
            """,
            {"date": date},
        )
        warehouse.execute(
            "insert into models.customer_scores select customer_id, as_of_date, 'churn', 0, 0, 'm' "
            "from features.customer_features where as_of_date = ?",
            [date],
        )
    wider = version("big", "spend > 7", D2)
    moved = reasons(folded(warehouse, [D1, D2], [BIG, wider]))
    assert len(moved) == 500
    assert set(moved.values()) == {"definition_change"}


def test_under_a_changed_definition_behaviour_is_still_behaviour(warehouse):
    at(warehouse, D1, {"a": 20, "b": 8, "c": 3})
    at(warehouse, D2, {"a": 20, "b": 8, "c": 30})
    wider = version("big", "spend > 7", D2)
    assert reasons(folded(warehouse, [D1, D2], [BIG, wider])) == {
        ("b", "big"): "definition_change",
        ("c", "big"): "behaviour",
    }


def test_a_definition_that_another_segment_rests_on_is_the_reason_there_too(warehouse):
    at(warehouse, D1, {"a": 8})
    at(warehouse, D2, {"a": 8})
    upon = version("upon", "segment_big")
    wider = version("big", "spend > 7", D2)
    assert reasons(folded(warehouse, [D1, D2], [BIG, upon, wider])) == {
        ("a", "big"): "definition_change",
        ("a", "upon"): "definition_change",
    }


def test_a_new_model_is_told_apart_from_what_moved_under_it(warehouse):
    """The new model says visits / 10. Of those that it moves, `a` had the visits before."""
    at(warehouse, D1, {"a": 1, "b": 1, "c": 1}, {"c": 0.9}, visits={"a": 9, "b": 1, "c": 9})
    new = {"a": 0.9, "b": 0.9, "c": 0.1}
    at(warehouse, D2, {"a": 1, "b": 1, "c": 1}, new, "m2", visits={"a": 9, "b": 9, "c": 1})
    assert reasons(folded(warehouse, [D1, D2], [RISK])) == {
        ("a", "risk"): "model_change",
        ("b", "risk"): "score",
        ("c", "risk"): "score",
    }


def test_a_moved_score_is_the_reason_only_where_the_score_decided(warehouse):
    both = version("both", "spend > 10 and churn_score > 0.5")
    at(warehouse, D1, {"a": 20, "b": 1}, {"a": 0.1, "b": 0.9})
    at(warehouse, D2, {"a": 20, "b": 20}, {"a": 0.9, "b": 0.8})
    assert reasons(folded(warehouse, [D1, D2], [both])) == {
        ("a", "both"): "score",
        ("b", "both"): "behaviour",
    }


def test_consent_that_was_withdrawn_is_the_reason_before_all_behaviour(warehouse):
    mail = version("mail", "email_consent = 'granted' and spend > 10")
    granted, denied = {"a": "granted", "b": "granted"}, {"a": "denied", "b": "granted"}
    at(warehouse, D1, {"a": 20, "b": 20}, email_consent=granted)
    at(warehouse, D2, {"a": 20, "b": 5}, email_consent=denied)
    assert reasons(folded(warehouse, [D1, D2], [mail])) == {
        ("a", "mail"): "consent",
        ("b", "mail"): "behaviour",
    }


def test_who_was_joined_or_parted_moves_by_identity(warehouse):
    at(warehouse, D1, {"a": 6, "b": 20, "c": 1})
    at(warehouse, D2, {"a": 26, "c": 20})
    warehouse.execute("insert into identity.customer_merges values ('b', 'a', 'merge', ?)", [D1])
    assert reasons(folded(warehouse, [D1, D2], [BIG])) == {
        ("a", "big"): "identity",
        ("b", "big"): "identity",
        ("c", "big"): "behaviour",
    }


def test_who_is_gone_was_erased_or_corrected_away_or_has_fallen_silent(warehouse):
    at(warehouse, D1, dict.fromkeys("abcd", 20))
    at(warehouse, D2, {"c": 20})
    warehouse.execute(
        "insert into identity.customer_identities "
        "values ('i', 'a', $d, null), ('j', 'd', $d, null)",
        {"d": D1},
    )
    warehouse.execute("insert into core.fct_erasure_requests values ('i', ?)", [D1])
    assert reasons(folded(warehouse, [D1, D2], [BIG])) == {
        ("a", "big"): "erasure",
        ("b", "big"): "data_correction",
        ("d", "big"): "behaviour",
    }


def test_a_move_that_corrected_features_had_owed_already_is_a_correction(warehouse):
    at(warehouse, D1, {"a": 5, "b": 5})
    folded(warehouse, [D1], [BIG])
    warehouse.execute("update features.customer_features set spend = 20 where customer_id = 'a'")
    at(warehouse, D2, {"a": 20, "b": 20})
    assert reasons(folded(warehouse, [D2], [BIG])) == {
        ("a", "big"): "data_correction",
        ("b", "big"): "behaviour",
    }


def test_leaving_when_the_minimum_stay_ends_is_no_correction(warehouse):
    welcome = version("welcome", "spend > 10", stay=14)
    at(warehouse, D1, {"a": 20})
    at(warehouse, D2, {"a": 0})
    at(warehouse, D3, {"a": 0})
    assert reasons(folded(warehouse, [D1, D2, D3], [welcome]), D3) == {
        ("a", "welcome"): "behaviour"
    }
