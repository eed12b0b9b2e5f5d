"""Targets are validated; origins keep the gap between what is learned and what is tested."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.definitions.target import TargetError, target_from_mapping
from ml.origins import mature_origins, needed_dates, plan_training
from tests.ml.shop import HISTORY_START, make_target

TARGETS = Path(__file__).parents[3] / "data_contracts" / "targets"


def content(**changes: object) -> dict[str, object]:
    """The content of a good target file."""
    good: dict[str, object] = {
        "name": "churn_28d",
        "question": "Will they come back?",
        "kind": "probability",
        "horizon_days": 28,
        "population": "order_count > 0",
        "label": "order_count = 0",
        "metric": "brier",
        "minimum": {"customers": 200, "positives": 30, "negatives": 30},
    }
    return {**good, **changes}


@pytest.mark.parametrize("path", sorted(TARGETS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_target_file_describes_a_valid_target_of_its_own_name(path: Path) -> None:
    name = target_from_mapping(yaml.safe_load(path.read_text())).name
    assert name.replace("_{value}", "") == path.stem


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kind": "rank"}, "kind 'rank'"),
        ({"metric": "mae"}, "metric 'mae'"),
        ({"horizon_days": 0}, "whole weeks"),
        ({"horizon_days": 30}, "whole weeks"),
        ({"horizon_days": "28"}, "whole number"),
        ({"minimum": {"customer": 3}}, "unknown key 'minimum.customer'"),
        ({"colour": "red"}, "unknown key 'colour'"),
        ({"label": " "}, "label is empty"),
    ],
)
def test_a_wrong_target_is_refused_with_its_fault(changes: dict[str, object], message: str) -> None:
    with pytest.raises(TargetError, match=message):
        target_from_mapping(content(**changes))


@pytest.mark.parametrize("kind", ["amount", "count", "time"])
def test_only_a_probability_has_labels_of_zero_and_one(kind: str) -> None:
    assert target_from_mapping(content()).is_probability
    assert not target_from_mapping(content(kind=kind, metric="mae")).is_probability


def test_a_missing_key_is_named() -> None:
    with pytest.raises(TargetError, match="missing key 'horizon_days'"):
        target_from_mapping({k: v for k, v in content().items() if k != "horizon_days"})


def test_origins_are_every_fourth_week_back_and_at_most_six() -> None:
    found = mature_origins(date(2024, 12, 30), 28, HISTORY_START)
    assert found[0] == date(2024, 12, 2)
    assert [(a - b).days for a, b in pairwise(found)] == [28] * 5


def test_origins_of_a_year_are_a_quarter_apart_and_at_most_three() -> None:
    found = mature_origins(date(2024, 12, 30), 364, date(2021, 1, 1))
    assert found[0] == date(2024, 1, 1)
    assert [(a - b).days for a, b in pairwise(found)] == [91, 91]


def test_a_target_that_cannot_be_tested_asks_for_no_date() -> None:
    plan = plan_training(make_target(horizon_days=364), date(2024, 12, 30), date(2023, 9, 1))
    assert plan.final_origins
    assert not plan.dates


def test_an_origin_with_little_history_is_used_only_when_nothing_else_exists() -> None:
    start = date(2024, 1, 1)
    assert mature_origins(start + timedelta(days=130), 28, start) == (start + timedelta(days=102),)
    assert mature_origins(start + timedelta(days=100), 28, start) == (start + timedelta(days=72),)
    assert mature_origins(start + timedelta(days=50), 28, start) == ()


@given(st.integers(1, 17).map(lambda weeks: 7 * weeks), st.integers(0, 800))
def test_no_label_window_of_a_fit_ends_after_its_test_begins(horizon: int, history: int) -> None:
    target = make_target(horizon_days=horizon)
    trained = HISTORY_START + timedelta(days=history)
    plan = plan_training(target, trained, HISTORY_START)
    window = timedelta(days=horizon)
    assert all(origin + window <= trained for origin in plan.final_origins)
    for test in plan.tests:
        assert test.test.origin + window <= trained
        assert all(origin + window <= test.test.origin for origin in test.test.fit_origins)
        if test.validation is not None:
            assert test.validation.origin + window <= test.test.origin
            fits = test.validation.fit_origins
            assert all(origin + window <= test.validation.origin for origin in fits)


def test_needed_dates_hold_every_date_of_every_plan() -> None:
    targets = [make_target(), make_target(name="churn_91d", horizon_days=91)]
    trained = date(2024, 12, 30)
    dates = set(needed_dates(trained, targets, HISTORY_START))
    for target in targets:
        assert plan_training(target, trained, HISTORY_START).dates <= dates
    assert max(dates) < trained
