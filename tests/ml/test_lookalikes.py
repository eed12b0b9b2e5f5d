"""Lookalikes share what sets members apart, beside what defines them."""

import numpy as np
import pandas as pd

from ml.lookalikes import LEAST_LIKENESS, MIN_MEMBERS, fit_likeness, rank_lookalikes

FEATURES = ["spend", "spend_doubled", "visits", "noise"]


def shop(customers: int = 2_000, seed: int = 5) -> pd.DataFrame:
    """Visits go with spend; the segment is whoever spends most."""
    rng = np.random.default_rng(seed)
    visits = rng.poisson(5, customers).astype(float)
    spend = visits * 10 + rng.normal(0, 25, customers)
    return pd.DataFrame(
        {
            "customer_id": [f"c{n:05}" for n in range(customers)],
            "spend": spend,
            "spend_doubled": spend * 2,
            "visits": visits,
            "noise": rng.normal(size=customers),
        }
    )


def alike(frame: pd.DataFrame, wanted: int = 50) -> pd.DataFrame:
    members = (frame["spend"] > frame["spend"].quantile(0.9)).to_numpy()
    likeness = fit_likeness(frame, members, FEATURES, {"spend"})
    return rank_lookalikes(likeness, frame, members, wanted)


def test_the_most_alike_share_what_members_do_and_the_reason_says_so():
    frame = shop()
    found = alike(frame).merge(frame, on="customer_id")
    assert list(found["rank"]) == list(range(1, 51))
    assert found["likeness"].is_monotonic_decreasing
    assert found["visits"].mean() > frame["visits"].quantile(0.9)
    assert (found["reason_1_feature"] == "visits").all()
    assert (found["reason_1_value"] == found["visits"]).all()


def test_what_defines_the_segment_or_says_the_same_is_no_likeness():
    members = np.arange(2_000) % 10 == 0
    likeness = fit_likeness(shop(), members, FEATURES, {"spend"})
    assert likeness.features == ("visits", "noise")


def test_fewer_are_given_where_fewer_are_alike():
    frame = shop()
    found = alike(frame, wanted=len(frame))
    assert 0 < len(found) < 1_800
    assert found["likeness"].min() >= LEAST_LIKENESS


def test_nobody_inside_is_a_lookalike_and_row_order_does_not_matter():
    frame = shop()
    found = alike(frame)
    members = set(frame.loc[frame["spend"] > frame["spend"].quantile(0.9), "customer_id"])
    assert not members & set(found["customer_id"])
    shuffled = alike(frame.sample(frac=1, random_state=3))
    pd.testing.assert_series_equal(found["customer_id"], shuffled["customer_id"])


def test_too_few_members_have_no_lookalikes():
    frame = shop()
    members = np.arange(len(frame)) < MIN_MEMBERS - 1
    assert fit_likeness(frame, members, FEATURES, {"spend"}) is None
