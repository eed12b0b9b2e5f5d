"""One policy: the better version serves; of equals the fresher one, or the clusters in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.promotion import decide, decide_on_gain, first_version, not_trained


@pytest.mark.parametrize(
    ("verdict", "equals_stay", "is_promoted", "words"),
    [
        ("better", False, True, "so the challenger is taken"),
        ("better", True, True, "so the challenger is taken"),
        ("as good", False, True, "so the fresher model is taken"),
        ("as good", True, False, "so the champion stays"),
        ("worse", False, False, "so the champion stays"),
    ],
)
def test_what_follows_from_a_verdict(
    verdict: str, equals_stay: bool, is_promoted: bool, words: str
) -> None:
    decided = decide(verdict, "it did so", equals_stay)  # type: ignore[arg-type]
    assert decided.is_promoted == is_promoted
    assert decided.reason == f"it did so, {words}"


def test_a_gain_that_nobody_can_see_is_none() -> None:
    same = decide_on_gain("NDCG at 10", 0.00001, (-0.01, 0.01))
    assert same.is_promoted
    assert same.reason.startswith("the challenger's NDCG at 10 was as good as the champion's")


@given(st.floats(-10.0, 10.0), st.floats(1e-3, 10.0), st.floats(1e-3, 10.0))
def test_what_is_decided_and_what_is_said_never_contradict(
    gain: float, below: float, above: float
) -> None:
    low, high = gain - below, gain + above
    decided = decide_on_gain("Brier score", gain, (low, high))
    assert decided.is_promoted == (high >= 0.0)
    assert ("champion stays" in decided.reason) == (high < 0.0)
    assert ("challenger is taken" in decided.reason) == (low > 0.0)
    if "which may be chance" in decided.reason or "as good" in decided.reason:
        assert low <= 0.0 <= high


def test_the_first_version_serves_and_what_was_not_trained_does_not() -> None:
    assert first_version("clusters", "seven groups").reason == "the first clusters; seven groups"
    assert not not_trained("too little data").is_promoted
