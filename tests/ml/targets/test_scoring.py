"""Scores, percentiles and reasons: additive, independent of the batch, honest about ignorance."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from ml.frames import KEYS, MAX_TRAINING_ROWS, FeatureTable, History, sample_by_customer
from ml.targets.calibration import calibrate, learn_slope
from ml.targets.candidates import estimator_from_dict, fit_candidates
from ml.targets.levels import Origins
from ml.targets.model import FeatureListError, FittedModel
from ml.targets.scoring import SCORE_COLUMNS, unscored
from tests.ml.shop import HISTORY_START, TRAINED_AS_OF, Shop, make_target, score_frame, train_target


@pytest.fixture(scope="module", params=["probability", "amount"])
def model(request: pytest.FixtureRequest, shop: Shop) -> FittedModel:
    """The champion of each kind of target."""
    target = make_target(request.param)
    trained = train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)
    assert trained.model is not None, trained.reason
    return trained.model


@pytest.fixture(scope="module")
def today(shop: Shop) -> pd.DataFrame:
    """The newest features."""
    return shop.features[shop.features["as_of_date"] == TRAINED_AS_OF].reset_index(drop=True)


@pytest.mark.parametrize("kind", ["probability", "amount"])
def test_contributions_of_every_candidate_sum_to_its_margin(shop: Shop, kind: str) -> None:
    table = FeatureTable.from_frame(shop.features)
    target = make_target(kind)
    rows = History(table, shop.labels, target).rows([TRAINED_AS_OF.replace(month=9)])
    assert len(rows) > 200
    fitted = fit_candidates(target.kind, table.features, rows.x, rows.y)
    assert {"constant", "linear", "lightgbm", "blend", "rule_recency"} <= set(fitted)
    for estimator in fitted.values():
        parts = estimator.contributions(rows.x)
        np.testing.assert_allclose(parts.sum(axis=1), estimator.margin(rows.x), atol=1e-6)


def test_a_blend_is_the_mean_of_its_members_feature_by_feature(shop: Shop) -> None:
    table = FeatureTable.from_frame(shop.features)
    rows = History(table, shop.labels, make_target()).rows([TRAINED_AS_OF.replace(month=9)])
    fitted = fit_candidates("probability", table.features, rows.x, rows.y)
    both = [fitted[name].contributions(rows.x) for name in ("linear", "lightgbm")]
    np.testing.assert_allclose(fitted["blend"].contributions(rows.x), (both[0] + both[1]) / 2)


def test_a_blend_of_amounts_is_half_the_best_rule_and_half_the_models(shop: Shop) -> None:
    table = FeatureTable.from_frame(shop.features)
    rows = History(table, shop.labels, make_target("amount")).rows([TRAINED_AS_OF.replace(month=9)])
    fitted = fit_candidates("amount", table.features, rows.x, rows.y)
    models = (fitted["linear"].margin(rows.x) + fitted["lightgbm"].margin(rows.x)) / 2
    rules = [fitted[name].margin(rows.x) for name in fitted if name.startswith("rule_")]
    base = min(rules, key=lambda margin: float(((margin - rows.y) ** 2).mean()))
    np.testing.assert_allclose(fitted["blend"].margin(rows.x), (base + models) / 2)
    again = estimator_from_dict(json.loads(json.dumps(fitted["blend"].to_dict())))
    np.testing.assert_allclose(again.margin(rows.x), fitted["blend"].margin(rows.x))


def test_scores_do_not_depend_on_batch_or_order(model: FittedModel, today: pd.DataFrame) -> None:
    whole = score_frame(model, today, "v1").set_index("customer_id")
    shuffled = score_frame(model, today.sample(frac=1, random_state=1), "v1")
    alone = pd.concat([score_frame(model, today.iloc[[row]], "v1") for row in range(5)])
    for other in (shuffled, alone):
        other = other.set_index("customer_id")
        same = whole.loc[other.index]
        for column in ("score", "percentile", "reason_1_contribution"):
            np.testing.assert_allclose(other[column], same[column], rtol=1e-12)
        assert (other["reason_1_feature"].fillna("") == same["reason_1_feature"].fillna("")).all()


def test_column_order_does_not_matter(model: FittedModel, today: pd.DataFrame) -> None:
    turned = today[today.columns[::-1]]
    pd.testing.assert_frame_equal(score_frame(model, today, "v1"), score_frame(model, turned, "v1"))


def test_percentiles_rise_with_the_score_and_fill_the_range(
    model: FittedModel, today: pd.DataFrame
) -> None:
    scored = score_frame(model, today, "v1").dropna(subset=["score"]).sort_values("score")
    assert scored["percentile"].is_monotonic_increasing
    assert scored["percentile"].between(0, 1).all()
    assert scored["percentile"].mean() == pytest.approx(0.5, abs=0.02)


def test_an_empty_frame_gives_no_rows(model: FittedModel, today: pd.DataFrame) -> None:
    scored = score_frame(model, today.iloc[:0], "v1")
    assert list(scored.columns) == SCORE_COLUMNS
    assert scored.empty


def test_who_cannot_be_scored_is_told_why(today: pd.DataFrame) -> None:
    keys = pa.Table.from_pandas(today[list(KEYS)], preserve_index=False)
    rows = unscored(keys, "churn_28d", "40 positives, 100 needed").to_pandas()
    assert list(rows.columns) == SCORE_COLUMNS
    assert len(rows) == len(today)
    assert set(rows["sufficiency"]) == {"not_enough_data"}
    assert set(rows["sufficiency_reason"]) == {"40 positives, 100 needed"}
    assert rows[["score", "percentile", "reason_1_feature"]].isna().all(axis=None)


def test_another_feature_list_is_refused_by_name(model: FittedModel, today: pd.DataFrame) -> None:
    other = today.drop(columns="recency_days").assign(brand_new_rate=1.0)
    with pytest.raises(FeatureListError, match=r"missing: recency_days.*brand_new_rate"):
        score_frame(model, other, "v1")


def test_the_level_is_the_observed_one_with_origins_as_they_count() -> None:
    origin = np.array(["2024-01-01"] * 4 + ["2024-01-29"] * 2, dtype="datetime64[D]")
    weights = Origins.of(origin).weights(0.5)
    assert weights == pytest.approx([1 / 12] * 4 + [1 / 3] * 2)
    margin, y = np.zeros(6), np.array([0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    found = calibrate("probability", 1.0, margin, y, weights).apply(margin)
    assert found == pytest.approx(1 / 3)
    amounts = calibrate("amount", 1.0, np.full(6, 2.0), y * 9, weights).apply(np.full(6, 2.0))
    assert amounts == pytest.approx(3.0)


def test_an_overconfident_model_is_given_a_slope_below_one() -> None:
    random = np.random.default_rng(0)
    true = random.normal(size=4000)
    y = (random.random(4000) < 1 / (1 + np.exp(-true))).astype(float)
    assert learn_slope("probability", 2 * true, y) < 0.65
    assert learn_slope("probability", true, y) == pytest.approx(1.0, abs=0.1)
    # Little evidence moves little.
    assert learn_slope("probability", 2 * true[:40], y[:40]) > 0.8


def test_training_rows_are_bounded_and_whole_customers() -> None:
    ids = np.repeat(np.array([f"c{n}" for n in range(1000)], dtype=object), 5)
    kept = sample_by_customer(ids, 2000)
    assert 1800 < len(kept) <= 2000
    assert (pd.Series(ids[kept]).value_counts() == 5).all()
    assert set(ids[kept]) == set(ids[sample_by_customer(ids, 2000)])
    assert MAX_TRAINING_ROWS == 500_000


def test_training_twice_gives_the_same_scores(shop: Shop, today: pd.DataFrame) -> None:
    target = make_target()
    runs = [
        train_target(
            shop.features.sample(frac=1, random_state=seed),
            shop.labels,
            target,
            TRAINED_AS_OF,
            HISTORY_START,
        )
        for seed in (1, 1)
    ]
    scores = [score_frame(run.model, today, "v") for run in runs if run.model is not None]
    pd.testing.assert_frame_equal(scores[0], scores[1])
