"""Whether a newly trained version replaces the one in force: one policy and one set of sentences.

How two versions are compared is particular (`promotion.py` of targets, clusters and next products).
What follows from a comparison is the same: the surely better version serves. Of two that the test
cannot tell apart the challenger serves, because it is fresher; of clusterings those in force stay,
because people know their clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal

from ml.sentences import AS_GOOD, difference_words

Verdict = Literal["better", "as good", "worse"]


@dataclass(frozen=True)
class Promotion:
    """Whether a newly trained model replaces the champion, and why, in words."""

    is_promoted: bool
    reason: str


def not_trained(reason: str) -> Promotion:
    """Training gave no model."""
    return Promotion(False, reason)


def first_version(what: str, reason: str) -> Promotion:
    """Nothing is in force. what: of what it is the first one, e.g. 'model for this target'."""
    return Promotion(True, f"the first {what}; {reason}")


def without_rival(why: str) -> Promotion:
    """The champion can serve no more, or nothing can tell the two apart."""
    return Promotion(True, why)


def decide(verdict: Verdict, comparison: str, equals_stay: bool = False) -> Promotion:
    """What follows when the challenger is better, as good or worse than the champion.

    comparison: the sentence that says how the challenger did.
    """
    if verdict == "better":
        return Promotion(True, f"{comparison}, so the challenger is taken")
    if verdict == "as good" and not equals_stay:
        return Promotion(True, f"{comparison}, so the fresher model is taken")
    return Promotion(False, f"{comparison}, so the champion stays")


def verdict_on(gain: float, interval: tuple[float, float]) -> Verdict:
    """Better or worse where the 95 % interval of the gain leaves zero out, else as good.

    Where nobody knows the interval, the gain itself says it.
    """
    low, high = interval if isfinite(interval[0]) and isfinite(interval[1]) else (gain, gain)
    if low > 0.0:
        return "better"
    return "worse" if high < 0.0 else "as good"


def decide_on_gain(figure: str, gain: float, interval: tuple[float, float]) -> Promotion:
    """Decide on one figure of the challenger beside the champion's; `gain` > 0 is better.

    figure: such as "Brier score at 4 Nov 2017". interval: the 95 % interval of the gain. Decision
    and sentence follow from the same interval, so that neither can contradict the other.
    """
    verdict, difference = verdict_on(gain, interval), difference_words(gain, interval)
    if difference == AS_GOOD:
        difference = "as good as the champion's"
    elif verdict == "as good":
        difference += ", which may be chance"
    return decide(verdict, f"the challenger's {figure} was {difference}")
