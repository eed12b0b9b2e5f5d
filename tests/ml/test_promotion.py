"""One policy: the better version serves; of equals the fresher one, or the clusters in force."""

from __future__ import annotations

import pytest

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


def test_the_first_version_serves_and_what_was_not_trained_does_not() -> None:
    assert first_version("clusters", "seven groups").reason == "the first clusters; seven groups"
    assert not not_trained("too little data").is_promoted
