"""Membership is folded over dates, and every move carries the first reason that applies."""

import datetime
from dataclasses import replace

import duckdb
import pandas as pd
import pytest

from data_contracts.compiler.segments import Segment
from orchestration.membership import Version, fold, frame_sql

D1, D2, D3 = (datetime.date(2024, 1, day) for day in (1, 8, 15))


def segment(name: str, condition: str, *columns: str) -> Segment:
    return Segment(
        name, name, "rule", "", condition, "o", "p", "approved", D3, frozenset(columns)
    )  # fmt: skip


BIG = Version(segment("big", "spend > 10", "spend"), D1)
RISK = Version(segment("risk", "churn_score > 0.5", "churn_score"), D1)


@pytest.fixture
def warehouse():
    connection = duckdb.connect()
    connection.execute(
        """
        create schema features; create schema models; create schema segments;
        create table features.customer_features (customer_id varchar, as_of_date date, spend int);
        create table models.customer_scores (customer_id varchar, as_of_date date, target varchar,
            score double, percentile double, model_version varchar);
        create table models.cluster_assignments (customer_id varchar, as_of_date date,
            clustering varchar, cluster_id varchar, model_version varchar);
        create table segments.segment_transitions (customer_id varchar, segment_id varchar,
            event varchar, as_of_date date, reason varchar);
        """
    )
    return connection


def at(connection, date, spend: dict, scores: dict | None = None, model: str = "m1"):
    for customer, value in spend.items():
        connection.execute(
            "insert into features.customer_features values (?, ?, ?)", [customer, date, value]
        )
        score = (scores or {}).get(customer, 0.0)
        connection.execute(
            "insert into models.customer_scores values (?, ?, 'churn', ?, 0, ?)",
            [customer, date, score, model],
        )


def moves(connection, dates, versions) -> list[tuple]:
    found = fold(connection, dates, versions, frame_sql(["churn"], ["behaviour"]))
    found["as_of_date"] = pd.to_datetime(found["as_of_date"]).dt.date
    rows = found[["customer_id", "segment_id", "event", "as_of_date", "reason"]]
    return sorted(rows.itertuples(index=False, name=None), key=lambda r: (r[3], r[1], r[0]))


def test_who_changes_behaviour_enters_and_leaves_for_behaviour(warehouse):
    at(warehouse, D1, {"a": 20, "b": 5})
    at(warehouse, D2, {"a": 5, "b": 20})
    assert moves(warehouse, [D1, D2], [BIG]) == [
        ("a", "big", "enter", D1, "definition_change"),
        ("a", "big", "exit", D2, "behaviour"),
        ("b", "big", "enter", D2, "behaviour"),
    ]


def test_a_changed_definition_moves_those_whose_behaviour_stayed(warehouse):
    at(warehouse, D1, {"a": 20, "b": 8, "c": 3})
    at(warehouse, D2, {"a": 20, "b": 8, "c": 30})
    wider = Version(replace(BIG.segment, condition="spend > 7"), D2)
    assert moves(warehouse, [D1, D2], [BIG, wider])[1:] == [
        ("b", "big", "enter", D2, "definition_change"),
        ("c", "big", "enter", D2, "behaviour"),
    ]


def test_a_retired_segment_loses_its_members_by_definition(warehouse):
    at(warehouse, D1, {"a": 20})
    at(warehouse, D2, {"a": 20})
    gone = Version(replace(BIG.segment, status="retired"), D2)
    assert moves(warehouse, [D1, D2], [BIG, gone])[1:] == [
        ("a", "big", "exit", D2, "definition_change")
    ]


def test_a_new_model_is_told_apart_from_a_moved_score(warehouse):
    at(warehouse, D1, {"a": 1, "b": 1}, {"a": 0.9})
    at(warehouse, D2, {"a": 1, "b": 1}, {"b": 0.9})
    at(warehouse, D3, {"a": 1, "b": 1}, {"a": 0.9}, model="m2")
    assert moves(warehouse, [D1, D2, D3], [RISK])[1:] == [
        ("a", "risk", "exit", D2, "score"),
        ("b", "risk", "enter", D2, "score"),
        ("a", "risk", "enter", D3, "model_change"),
        ("b", "risk", "exit", D3, "model_change"),
    ]


def test_a_customer_who_is_no_longer_there_leaves_as_a_correction(warehouse):
    at(warehouse, D1, {"a": 20, "b": 20})
    at(warehouse, D2, {"b": 20})
    assert moves(warehouse, [D1, D2], [BIG])[-1] == ("a", "big", "exit", D2, "data_correction")


def test_replaying_from_a_date_gives_the_same_as_folding_at_once(warehouse):
    at(warehouse, D1, {"a": 20, "b": 5})
    at(warehouse, D2, {"a": 5, "b": 20})
    at(warehouse, D3, {"a": 50, "b": 2})
    at_once = moves(warehouse, [D1, D2, D3], [BIG])
    for row in at_once:
        if row[3] < D2:
            warehouse.execute("insert into segments.segment_transitions values (?,?,?,?,?)", row)
    assert moves(warehouse, [D2, D3], [BIG]) == [row for row in at_once if row[3] >= D2]


def test_a_condition_on_a_missing_score_is_not_met(warehouse):
    warehouse.execute("insert into features.customer_features values ('a', ?, 1)", [D1])
    assert moves(warehouse, [D1], [RISK]) == []
