"""A small warehouse to fold over, and segments to fold."""

import datetime

import duckdb
import pandas as pd

from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.definitions.segment import Segment
from segmentry.segments.fold import fold
from segmentry.segments.history import store
from segmentry.segments.reasons import Reasons
from segmentry.segments.versions import Version

COLUMNS = {"spend": "double", "visits": "double", "email_consent": "varchar"}
SCORES = {"churn_score": "double", "churn_percentile": "double", "cluster_behaviour": "varchar"}
D1, D2, D3 = (datetime.date(2024, 1, day) for day in (8, 15, 22))


def segment(name: str, enter: str, leave: str = "", stay: int = 0, status: str = "approved"):
    words = Vocabulary(COLUMNS | SCORES, frozenset(), families=("",))
    leaving = read_condition(leave, words, name) if leave else None
    entering = read_condition(enter, words, name)
    return Segment(
        name, name, "rule", "", entering, "o", "p", status, D3, leaving, stay
    )  # fmt: skip


def version(name: str, enter: str, since: datetime.date = D1, **rest) -> Version:
    return Version(segment(name, enter, **rest), since)


def empty_warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        """
        create schema features; create schema models; create schema segments;
        create schema identity; create schema core;
        create table features.customer_features (customer_id varchar, as_of_date date,
            spend double, visits double, email_consent varchar);
        create table models.customer_scores (customer_id varchar, as_of_date date, target varchar,
            score double, percentile double, model_version varchar);
        create table models.cluster_assignments (customer_id varchar, as_of_date date,
            clustering varchar, cluster_id varchar, model_version varchar);
        create table segments.segment_transitions (customer_id varchar, segment_id varchar,
            event varchar, as_of_date date, reason varchar);
        create table segments.segment_membership_history (customer_id varchar,
            segment_id varchar, valid_from date, valid_to date);
        create table identity.customer_identities (identity_id varchar, customer_id varchar,
            valid_from date, valid_to date);
        create table identity.customer_merges (customer_id varchar, into_customer_id varchar,
            event_type varchar, event_date date);
        create table core.fct_erasure_requests (identity_id varchar, requested_at timestamp);
        create table core.fct_order_lines (order_id varchar, identity_id varchar,
            ordered_at timestamp, product_id varchar, is_return boolean, cancelled_at timestamp);
        create table core.dim_products (product_id varchar, brand varchar, category varchar,
            subcategory varchar, updated_at timestamp);
        """
    )
    return connection


def at(connection, date, spend: dict, scores: dict | None = None, model: str = "m1", **more):
    """What is known at a date: spend, scores and further columns per customer."""
    rows = pd.DataFrame({"customer_id": spend.keys(), "as_of_date": date, "spend": spend.values()})
    for column, values in more.items():
        rows[column] = rows["customer_id"].map(values)
    rows["score"] = rows["customer_id"].map(scores or {}).fillna(0.0)
    connection.register("rows_of_day", rows)
    connection.execute(
        "insert into features.customer_features by name select * exclude (score) from rows_of_day"
    )
    connection.execute(
        "insert into models.customer_scores "
        "select customer_id, as_of_date, 'churn', score, 0, ? from rows_of_day",
        [model],
    )


def same_scores(frame, models, step):  # noqa: ARG001 - a new model that says what the old one said
    """A rescoring by which every renewed model scores as `visits` / 10 says."""
    scores = frame[["customer_id"]].assign(
        target="churn", score=frame["visits"] / 10, percentile=0.0
    )
    clusters = pd.DataFrame(columns=["customer_id", "clustering", "cluster_id"])
    return scores, clusters


def folded(connection, dates, versions, rescore=same_scores, starts=()) -> list[tuple]:
    """The transitions of the dates, stored, as sorted tuples."""
    reasons = Reasons({"email_consent"}, rescore)
    found = fold(connection, dates, versions, reasons, starts)
    store(connection, found, dates[0])
    return log(connection, dates[0])


def log(connection, first: datetime.date = datetime.date.min) -> list[tuple]:
    return connection.execute(
        "select customer_id, segment_id, event, as_of_date, reason "
        "from segments.segment_transitions where as_of_date >= ? order by 4, 2, 1",
        [first],
    ).fetchall()


def stays(connection) -> list[tuple]:
    return connection.execute(
        "select * from segments.segment_membership_history order by all"
    ).fetchall()
