"""What is known of one customer: stage, scores with reasons, segments, and what would change them.

It comes from the served snapshot, so that a running job is neither waited for nor disturbed.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Contracts
from data_contracts.wording.numbers import percent
from data_contracts.wording.reasons import reason_words
from segmentry.explain.membership import Membership, membership
from segmentry.home import ConfigurationError, Home
from segmentry.project.vocabulary import targets_in
from segmentry.warehouse.facts import reporting_currency
from segmentry.warehouse.snapshot import Snapshot

_CUSTOMER = """
    select * from segments.customer_360 where customer_id = $customer_id
"""
_FEATURES = """
    select * from features.customer_features
    where customer_id = $customer_id and as_of_date = $as_of
"""
# The stage of today, and since which judged date without a break; the first of all is the oldest
# date that was judged.
_STAGE = """
    with stages as (
        select as_of_date, lifecycle_stage from segments.lifecycle_stages
        where customer_id = $customer_id and as_of_date <= $as_of),
    last_other as (
        select max(as_of_date) as as_of_date from stages
        where lifecycle_stage <> (select arg_max(lifecycle_stage, as_of_date) from stages))
    select min(s.as_of_date) as since,
        min(s.as_of_date) = (select min(as_of_date) from segments.lifecycle_stages) as is_oldest
    from stages as s
    where s.as_of_date > coalesce((select as_of_date from last_other), date '0001-01-01')
"""
_SCORES = """
    select s.*, v.candidate, v.trained_as_of
    from models.customer_scores as s
    left join models.model_versions as v using (target, model_version)
    where s.customer_id = $customer_id and s.as_of_date = $as_of
    order by s.target
"""


@dataclass(frozen=True)
class ToldReason:
    """One reason: the feature that tells it, its value, what its theme adds, and the words."""

    feature: str
    value: float | None
    contribution: float
    words: str


@dataclass(frozen=True)
class ToldScore:
    """One score; without one, `why_none` says why.

    about: where the question is about a category, what the customer has to do with it.
    """

    target: str
    question: str
    kind: str
    horizon_days: int
    score: float | None
    percentile: float | None
    why_none: str | None
    model_version: str | None
    candidate: str | None
    trained_as_of: datetime.date | None
    about: str | None
    reasons: tuple[ToldReason, ...]


@dataclass(frozen=True)
class Explanation:
    """One customer at the newest date. facts: their row of segments.customer_360, known ones."""

    customer_id: str
    as_of_date: datetime.date
    currency: str
    stage: str
    stage_since: datetime.date
    stage_since_is_oldest: bool
    facts: dict[str, Any]
    scores: tuple[ToldScore, ...]
    segments: Membership


def explain_customer(home: Home, customer_id: str) -> Explanation:
    """Raises ConfigurationError for an unknown customer, or a home without a finished run."""
    snapshot = Snapshot(home)
    found = snapshot.read(_CUSTOMER, {"customer_id": customer_id})
    if found.empty:
        raise ConfigurationError(_unknown(snapshot, customer_id))
    row = found.iloc[0]
    key = {"customer_id": customer_id, "as_of": row["as_of_date"].date()}
    currency = reporting_currency(snapshot) or ""
    features = snapshot.read(_FEATURES, key)
    numbers = features.select_dtypes(["number", "bool"]).iloc[0].dropna().astype(float)
    values = {str(name): float(value) for name, value in numbers.items()}
    stage = snapshot.read(_STAGE, key).iloc[0]
    return Explanation(
        customer_id=customer_id,
        as_of_date=key["as_of"],
        currency=currency,
        stage=str(row["lifecycle_stage"]),
        stage_since=stage["since"].date(),
        stage_since_is_oldest=bool(stage["is_oldest"]),
        facts={str(name): value for name, value in row.items() if not pd.isna(value)},
        scores=_scores(snapshot, key, currency, features, values),
        segments=membership(home, snapshot, customer_id, key["as_of"], values),
    )


def _unknown(snapshot: Snapshot, customer_id: str) -> str:
    """Why a customer cannot be explained, and where ids are found."""
    newest = snapshot.scalar("select max(as_of_date) from segments.customer_360")
    before = snapshot.scalar(
        "select max(as_of_date) from features.customer_features where customer_id = ?",
        [customer_id],
    )
    if before is not None:
        return (
            f"customer {customer_id} was last seen at {before}; at {newest} they are gone: "
            "their records were merged into another customer, split or erased"
        )
    return (
        f"no customer {customer_id!r} at {newest}; ids are the customer_id of "
        "segments.customer_360, not those of a source system"
    )


def _scores(
    snapshot: Snapshot,
    key: dict[str, Any],
    currency: str,
    features: pd.DataFrame,
    values: dict[str, float],
) -> tuple[ToldScore, ...]:
    contracts = load_contracts()
    targets = targets_in(snapshot)
    told = []
    for row in snapshot.read(_SCORES, key).to_dict("records"):
        target = targets.get(row["target"])
        told.append(
            ToldScore(
                target=row["target"],
                question=target.question if target else row["target"],
                kind=target.kind if target else "probability",
                horizon_days=target.horizon_days if target else 0,
                score=_number(row["score"]),
                percentile=_number(row["percentile"]),
                why_none=_text(row["sufficiency_reason"]),
                model_version=_text(row["model_version"]),
                candidate=_text(row["candidate"]),
                trained_as_of=None
                if pd.isna(row["trained_as_of"])
                else row["trained_as_of"].date(),
                about=_about(target.category if target else None, features),
                reasons=_reasons(row, values, currency, contracts),
            )
        )
    return tuple(told)


def _about(category: str | None, features: pd.DataFrame) -> str | None:
    """What the customer has to do with a category; models know them as a buyer of anything."""
    known = features.iloc[0].dropna()
    if category is None or "top_category" not in known:
        return None
    share = percent(float(known.get("top_category_share_364d_rate", 0.0)))
    if known["top_category"] == category:
        return f"{category} is what they spend most on, {share} of the last year's spend"
    if known.get("viewed_top_category") == category:
        return f"{category} is what they look at most, {known['top_category']} what they buy most"
    return f"they spend most on {known['top_category']}, {share} of the last year's spend"


def _reasons(
    row: dict[Any, Any], values: dict[str, float], currency: str, contracts: Contracts
) -> tuple[ToldReason, ...]:
    told = []
    for place in (1, 2, 3):
        feature = _text(row[f"reason_{place}_feature"])
        if feature is None:
            continue
        value = _number(row[f"reason_{place}_value"])
        column = contracts.dictionary.get(feature)
        words = reason_words(
            feature,
            value,
            others=values,
            description=column.description if column else "",
            currency=currency,
        )
        told.append(ToldReason(feature, value, float(row[f"reason_{place}_contribution"]), words))
    return tuple(told)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
