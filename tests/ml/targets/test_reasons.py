"""Reasons: every margin in parts, three reasons that say three things, whatever the batch."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.wording.reasons import themes_of
from ml.targets.model import FittedModel
from ml.targets.reasons import NONE, Themes, explain, top_reasons, total
from tests.ml.shop import (
    HISTORY_START,
    TRAINED_AS_OF,
    Shop,
    make_shop,
    make_target,
    score_frame,
    train_target,
)

SCORED = ("score", "percentile", "reason_1_contribution", "reason_2_value", "reason_3_contribution")


@pytest.fixture(scope="module", params=["probability", "amount"])
def model(request: pytest.FixtureRequest, shop: Shop) -> FittedModel:
    """The champion of each kind of target."""
    target = make_target(request.param)
    trained = train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)
    assert trained.model is not None, trained.reason
    return trained.model


@pytest.fixture(scope="module")
def thousand() -> pd.DataFrame:
    """A thousand other customers."""
    frame = make_shop(customers=1000, seed=9).features
    return frame[frame["as_of_date"] == TRAINED_AS_OF].reset_index(drop=True)


def test_reasons_of_a_thousand_customers_sum_to_the_margin(
    model: FittedModel, thousand: pd.DataFrame
) -> None:
    x = model.matrix(thousand)
    parts = model.estimator.contributions(x)
    margin = model.estimator.margin(x)
    np.testing.assert_allclose(total(parts), margin, atol=1e-6)
    everything = explain(model, x, themes_of(model.features), places=len(model.features))
    told = [sum(reason.contribution for reason in reasons) for reasons in everything]
    np.testing.assert_allclose(told + parts[:, -1], margin, atol=1e-6)
    assert len(x) == 1000


def test_a_theme_is_told_once_by_the_member_that_does_most() -> None:
    themes = Themes.of(
        ("orders_28d", "orders_91d", "recency"), {"orders_28d": "o", "orders_91d": "o"}
    )
    parts = np.array([[1.0, 2.0, -2.5, 9.0], [-1.0, 2.0, 0.0, 9.0], [0.0, 0.0, 0.0, 9.0]])
    x = np.array([[28, 91, 5], [28, np.nan, 5], [28, 91, 5]], dtype=np.float32)
    top = top_reasons(parts, x, themes, places=3)
    assert top.feature.T.tolist() == [[1, 2, NONE], [1, NONE, NONE], [NONE, NONE, NONE]]
    np.testing.assert_array_equal(top.contribution[:, 0], [3.0, -2.5, np.nan])
    np.testing.assert_array_equal(top.value[0], [91.0, np.nan, np.nan])
    assert top.contribution[0, 1] == 1.0


def test_three_reasons_have_three_themes(model: FittedModel, thousand: pd.DataFrame) -> None:
    scored = score_frame(model, thousand, "v1")
    themes = themes_of(model.features)
    told = scored[[f"reason_{place}_feature" for place in (1, 2, 3)]].astype(object)
    for names in told.itertuples(index=False):
        said = [themes[name] for name in names if isinstance(name, str)]
        assert len(set(said)) == len(said)
    sizes = scored[[f"reason_{place}_contribution" for place in (1, 2, 3)]].abs().fillna(0.0)
    assert (sizes.diff(axis=1).iloc[:, 1:] <= 0).all(axis=None)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_score_depends_on_its_row_alone(
    model: FittedModel, thousand: pd.DataFrame, data: st.DataObject
) -> None:
    whole = score_frame(model, thousand, "v1")
    rows = data.draw(st.lists(st.integers(0, 999), min_size=1, max_size=40, unique=True))
    size = data.draw(st.integers(1, len(rows)))
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    parts = [score_frame(model, thousand.iloc[batch], "v1") for batch in batches]
    other = pd.concat(parts, ignore_index=True)
    same = whole.iloc[rows].reset_index(drop=True)
    pd.testing.assert_frame_equal(other.astype(object), same.astype(object))
