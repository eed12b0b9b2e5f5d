"""The level follows last year's change of season where it is known and has helped."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from ml.frames import FeatureTable, History
from ml.origins import YEAR, needed_dates, season_dates
from ml.targets.season import season_change
from tests.ml.shop import Shop, make_target, train_target

START = date(2023, 1, 2)
TODAY = START + timedelta(days=7 * 96)
CUSTOMERS = 1500


def seasonal_shop(season: float, seed: int = 0) -> Shop:
    """Labels whose log odds go up and down by `season` over the year, the same every year."""
    random = np.random.default_rng(seed)
    ids = np.array([f"customer{number:05d}" for number in range(CUSTOMERS)])
    habit = random.normal(0.0, 1.0, CUSTOMERS)
    target = make_target()
    features, labels = [], []
    for day in [*needed_dates(TODAY, [target], START), TODAY]:
        # The level turns upward twelve weeks before today.
        phase = 2.0 * np.pi * (day - TODAY + timedelta(days=84)).days / YEAR.days
        odds = habit - 0.5 - season * np.cos(phase)
        keys = {"customer_id": ids, "as_of_date": day}
        seen = habit + random.normal(0.0, 0.5, CUSTOMERS)
        features.append(pd.DataFrame({**keys, "recency_days": seen}))
        happened = (random.random(CUSTOMERS) < expit(odds)).astype(float)
        known = happened if day + timedelta(days=28) <= TODAY else np.nan
        labels.append(pd.DataFrame({**keys, "target": target.name, "label": known}))
    return Shop(pd.concat(features, ignore_index=True), pd.concat(labels, ignore_index=True))


def test_the_dates_of_last_year_are_asked_for_once_they_are_inside_the_history() -> None:
    target = make_target()
    assert season_dates(target, TODAY) == tuple(
        TODAY - timedelta(days=364 + 28 * step) for step in range(3)
    )
    assert set(season_dates(target, TODAY)) <= set(needed_dates(TODAY, [target], START))
    young = TODAY - timedelta(days=200)
    assert not set(season_dates(target, TODAY)) & set(needed_dates(TODAY, [target], young))


def test_a_change_is_the_log_odds_of_last_year_and_hardly_believed_in_few() -> None:
    target = make_target()
    days = season_dates(target, TODAY)[:2]

    def change(customers: int) -> float:
        ids = [f"c{number:05d}" for number in range(customers)]
        frames = [
            pd.DataFrame({"customer_id": ids, "as_of_date": day, "x_count": np.arange(customers)})
            for day in days
        ]
        shares = dict(zip(days, (0.3, 0.2), strict=True))
        labels = pd.concat(
            frame.assign(
                target=target.name,
                label=(np.arange(customers) < shares[frame["as_of_date"][0]] * customers) * 1.0,
            )
            for frame in frames
        )
        table = FeatureTable.from_frame(pd.concat(frames, ignore_index=True))
        return season_change(History(table, labels, target), target, TODAY)

    assert change(20_000) == pytest.approx(np.log(0.3 / 0.7) - np.log(0.2 / 0.8), rel=0.01)
    assert 0.2 < change(100) < 0.45
    assert change(40) == 0.0


def test_the_level_follows_a_season_that_showed_itself_and_nothing_else() -> None:
    target = make_target()

    def learned(season: float) -> float:
        shop = seasonal_shop(season)
        trained = train_target(shop.features, shop.labels, target, TODAY, START)
        assert trained.model is not None
        return float(trained.model.parameters["season_change"])

    assert learned(1.2) > 0.2
    assert abs(learned(0.0)) < 0.1
