"""An explanation on a terminal shows every kind of score as what it is."""

from datetime import date

import pytest

from data_contracts.definitions.target import Kind
from orchestration.cli.explanation import print_explanation
from segmentry.explain.customer import Explanation, Reason, Score
from segmentry.explain.membership import Membership

DAY = date(2017, 12, 30)
# Names that say nothing of the kind, or something false.
SCORES: dict[Kind, tuple[str, float, str]] = {
    "probability": ("spend_like", 0.273, "27%"),
    "amount": ("churn_like", 1234.0, "$1,234"),
    "count": ("purchases", 75.93, "75.9"),
    "time": ("revenue_days", 50.33, "50 days"),
}


def score(
    kind: Kind, value: float | None, why_none: str | None = None, category: str | None = None
) -> Score:
    """One score of this kind."""
    return Score(
        target=SCORES[kind][0],
        question=f"What is the {kind}?",
        kind=kind,
        horizon_days=91,
        score=value,
        percentile=None if value is None else 0.94,
        why_none=why_none,
        model_version="v1",
        candidate="blend",
        trained_as_of=DAY,
        category=category,
        reasons=(Reason("recency_days", 12.0, -0.4, "no order for 12 days"),),
    )


def printed(capsys: pytest.CaptureFixture[str], *scores: Score) -> str:
    """What is printed of a customer with these scores, in one line."""
    explanation = Explanation(
        customer_id="c1",
        as_of_date=DAY,
        currency="USD",
        stage="at_risk",
        stage_since=DAY,
        stage_since_is_oldest=False,
        facts={},
        purchases=None,
        scores=scores,
        segments=Membership((), (), judged=True),
    )
    print_explanation(explanation)
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("kind", SCORES)
def test_a_score_is_printed_by_its_kind(capsys: pytest.CaptureFixture[str], kind: Kind) -> None:
    _, value, expected = SCORES[kind]
    text = printed(capsys, score(kind, value))
    assert f"What is the {kind}? {expected}, among the highest 6% of customers" in text
    assert "▼ no order for 12 days −0.40" in text
    assert ("%" in expected) == (kind == "probability")


def test_a_question_without_an_answer_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, score("time", None, "asked only of customers with a subscription"))
    assert "Not answered What is the time? asked only of customers with a subscription" in text


def test_categories_are_one_list_with_the_likeliest_first(
    capsys: pytest.CaptureFixture[str],
) -> None:
    scores = [score("probability", 0.05, category="Tea"), score("probability", 0.9, category="Jam")]
    text = printed(capsys, *scores)
    assert "Chance that they buy something of a category in the next 91 days 90% Jam" in text
    assert text.index("90% Jam") < text.index("5.0% Tea no order for 12 days")
    assert "What is the probability?" not in text
