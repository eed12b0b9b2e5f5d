"""Ten customers: what is expected of each, and why."""

from typing import Any

import numpy as np
import pandas as pd

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import missing
from data_contracts.wording.reasons import companions, reason_words
from data_contracts.wording.scores import standing_words
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.segments import segment_names

PAGE = "customers"
LABEL = "Ten customers"
TITLE = "Ten customers, and why"

EXAMPLE_COUNT = 10
SHOWN_SCORES = 4
# What is known of every customer whom a story may be about.
PEOPLE = """
    with scores as (
        select customer_id,
            max(score) filter (target like 'churn%') as churn,
            max(score) filter (target like 'purchase%') as purchase,
            max(score) filter (target like 'spend%') as expected,
            max(percentile) filter (target like 'spend%') as expected_percentile
        from models.customer_scores
        where as_of_date = cast($as_of as date) and sufficiency = 'ok' group by customer_id),
    moves as (
        select customer_id, count(*) as move_count from segments.segment_transitions
        where as_of_date = cast($as_of as date) group by customer_id),
    joined as (
        select c.customer_id, coalesce(c.lifecycle_stage, '') as stage,
            s.churn, s.purchase, s.expected, s.expected_percentile,
            coalesce(m.move_count, 0) as move_count,
            coalesce(f.spend_364d_amount, f.spend_182d_amount, f.spend_91d_amount, 0) as spend
        from segments.customer_360 as c
        left join scores as s using (customer_id)
        left join moves as m using (customer_id)
        left join features.customer_features as f
            on f.customer_id = c.customer_id and f.as_of_date = c.as_of_date
        where c.as_of_date = cast($as_of as date)),
    people as materialized (
        select *, percent_rank() over (order by spend) as spend_rank from joined)
"""
# (story, whom it may be about, who comes first)
STORIES = (
    (
        "High value, at risk",
        "spend_rank >= 0.8 and (churn >= 0.3 or stage in ('at_risk', 'cooling'))",
        "churn desc nulls last",
    ),
    ("Loyal", "stage = 'loyal'", "expected desc nulls last"),
    ("New and likely to return", "stage = 'new' and purchase is not null", "purchase desc"),
    ("New and likely to be lost", "stage = 'new' and churn is not null", "churn desc"),
    ("Cooling", "stage = 'cooling' and churn is not null", "spend desc"),
    ("Lapsed, once high value", "stage = 'lapsed' and spend > 0", "spend desc"),
    ("Most likely to buy this week", "purchase is not null", "purchase desc"),
    ("In the middle", "expected_percentile is not null", "abs(expected_percentile - 0.5)"),
    ("On the fence", "churn is not null", "abs(churn - 0.5)"),
    ("On the move", "move_count > 0", "move_count desc"),
    ("Among the best customers", "true", "spend desc"),
)
FILLER = STORIES[-1][0]
# Of each story as many as may be needed when those before them are taken by other stories.
CANDIDATES = f"""
    {PEOPLE}
    {
    " union all ".join(
        f"(select {number} as number, '{story}' as story, customer_id, "
        f"row_number() over (order by {first}, customer_id) as position "
        f"from people where {condition} order by position limit {2 * EXAMPLE_COUNT})"
        for number, (story, condition, first) in enumerate(STORIES)
    )
}
    order by number, position
"""
SCORES = f"""
    select c.customer_id, c.lifecycle_stage, c.segments, s.target, s.score,
        s.percentile, s.sufficiency,
        s.reason_1_feature, s.reason_1_value, s.reason_1_contribution,
        s.reason_2_feature, s.reason_2_value, s.reason_2_contribution,
        s.reason_3_feature, s.reason_3_value, s.reason_3_contribution,
        {", ".join(f"f.{name}" for name in companions())}
    from segments.customer_360 as c
    left join models.customer_scores as s
        on s.customer_id = c.customer_id and s.as_of_date = c.as_of_date
    left join features.customer_features as f
        on f.customer_id = c.customer_id and f.as_of_date = c.as_of_date
    where c.as_of_date = cast($as_of as date) and list_contains($chosen, c.customer_id)
    order by s.target
"""


def section(page: Page) -> Section:
    """One card per chosen customer: stage, segments, scores with percentiles and reasons."""
    chosen = choose_examples(page)
    if not chosen:
        return {"empty": "There is no customer to show."}
    scores = page.reader.read(SCORES, {"as_of": page.as_of, "chosen": list(chosen)})
    names = segment_names(page)
    return {
        "lead": f"{len(chosen)} customers, by id only, chosen because each tells a different "
        "story. Bars show where the prediction stands among all customers; what sets the customer "
        "apart most comes first.",
        "shown": SHOWN_SCORES,
        "cards": [
            _card(story, scores[scores["customer_id"] == customer], page, names)
            for customer, story in chosen.items()
        ],
    }


def choose_examples(page: Page) -> dict[str, str]:
    """Ten customers -> their story, one per story, then the best spenders; always the same."""
    chosen: dict[str, str] = {}
    for row in records(page.read(CANDIDATES)):
        is_free = row.story == FILLER or row.story not in chosen.values()
        if is_free and row.customer_id not in chosen and len(chosen) < EXAMPLE_COUNT:
            chosen[row.customer_id] = row.story
    return chosen


def _card(story: str, part: pd.DataFrame, page: Page, names: dict[str, str]) -> Section:
    head = part.iloc[0]
    ids = list(head["segments"]) if isinstance(head["segments"], list | np.ndarray) else []
    asked = part[part["target"].isin(list(page.targets))]
    scored = asked[(asked["sufficiency"] == "ok") & asked["score"].notna()]
    # What sets the customer apart first: the scores farthest from the middle.
    far = (scored["percentile"] - 0.5).abs().fillna(0)
    scored = scored.loc[far.sort_values(ascending=False, kind="stable").index]
    more = len(scored) - SHOWN_SCORES
    stage = head["lifecycle_stage"]
    return {
        "id": head["customer_id"],
        "story": story,
        "stage": "" if missing(stage) else humanise(stage),
        "segments": [names.get(item, humanise(item)) for item in ids],
        "scores": [_score(row, page) for _, row in scored.iterrows()],
        "more": f"{more} more predictions" if more > 0 else "",
        "gated": len(asked) > 0 and scored.empty,
    }


def _score(row: "pd.Series[Any]", page: Page) -> Section:
    target = row["target"]
    percentile = None if missing(row["percentile"]) else float(row["percentile"])
    return {
        "name": page.question(target),
        "text": page.score(target, row["score"]),
        "percentile": percentile,
        "standing": "" if percentile is None else standing_words(percentile),
        "reasons": [reason for n in (1, 2, 3) if (reason := _reason(row, n, page))],
    }


def is_loss(target: str, page: Page) -> bool:
    """True where a high score is bad for the company: chance of leaving, time to an order."""
    return page.kind(target) == "time" or target.startswith("churn")


def _reason(row: "pd.Series[Any]", number: int, page: Page) -> dict[str, Any] | None:
    feature, contribution = row[f"reason_{number}_feature"], row[f"reason_{number}_contribution"]
    if missing(feature) or missing(contribution):
        return None
    value = row[f"reason_{number}_value"]
    others = {name: float(row[name]) for name in companions() if not missing(row[name])}
    text = reason_words(
        feature,
        None if missing(value) else float(value),
        others=others,
        description=page.descriptions.get(feature, ""),
        currency=page.currency,
    )
    is_good = (contribution > 0) != is_loss(row["target"], page)
    return {"text": text, "raises": contribution > 0, "is_good": is_good}
