"""What is off is said in a line, by its reason."""

import duckdb
import pytest

from segmentry.report.states import models_line, models_off, segments_line
from segmentry.warehouse.door import Connected

REASONS = {
    "renewal": "at 2024-02-01 nobody is in the population of renewal: active_subscriptions_count",
    "churn_28d": "too little data for churn_28d at 2024-01-28: 60 customers, 200 needed",
    "value": "not enough data at 2023-11-26: 60 customers and 33 columns of this lens",
    "spend_364d": "history is too short for spend_364d: no origin whose label ends",
    "category_28d": "no category leads yet, so that there is nothing to ask of",
    "next_products": "no order has lines with products, and nobody looked at one",
    "orders_91d": "not surely better than always saying the mean: the deviance was",
}


@pytest.fixture
def reader():
    connection = duckdb.connect()
    connection.execute(
        "create schema models; create table models.model_versions "
        "(target text, is_promoted boolean, reason text, trained_as_of date)"
    )
    rows = [(target, False, reason, "2024-02-25") for target, reason in REASONS.items()]
    rows += [
        ("purchase_7d", True, "the first model", "2024-01-28"),
        ("purchase_7d", False, "the champion stays", "2024-02-25"),
    ]
    connection.executemany("insert into models.model_versions values (?, ?, ?, ?)", rows)
    return Connected(connection)


def test_a_target_that_a_former_version_scores_is_on(reader):
    assert models_off(reader) == REASONS


def test_models_that_are_off_are_counted_by_their_reason(reader):
    line = models_line(reader)
    assert line.startswith("1 model is on, 7 off (")
    counted = dict(part.split(": ") for part in line[line.index("(") + 1 : -1].split("; "))
    assert counted == {
        "no subscriptions": "1",
        "too little data": "2",
        "too little history": "1",
        "no products": "2",
        "nothing beats the mean": "1",
    }


def test_segments_without_members_are_counted_once_approved():
    rows = [
        {"status": "approved", "customer_count": 0},
        {"status": "approved", "customer_count": 3},
        {"status": "proposed", "customer_count": 0},
    ]
    assert segments_line(rows) == "1 segment has no members"
    assert segments_line(rows[1:]) == ""
