"""What is known of one customer: stage, scores with reasons, segments, and what would change them.

It comes from the served snapshot, so that a running job is neither waited for nor disturbed.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.target import Kind
from data_contracts.wording.reasons import reason_words
from data_contracts.wording.values import value_words
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
_PURCHASES = """
    select first_order_date as first_date, last_order_date as last_date,
        coalesce(order_count, 0) as orders, coalesce(spend_amount, 0) as spend,
        coalesce(orders_364d_count, 0) as year_order_count,
        coalesce(spend_364d_amount, 0) as year_spend, top_category as favourite
    from segments.customer_360
    where customer_id = $customer_id and as_of_date = $as_of and first_order_date is not null
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
    left join models.model_versions as v on v.model_version = s.model_version
    where s.customer_id = $customer_id and s.as_of_date = $as_of
    order by s.target
"""


@dataclass(frozen=True)
class Reason:
    """One reason: its feature, the value, what the feature and those like it add, and the words."""

    feature: str
    value: float | None
    contribution: float
    words: str


@dataclass(frozen=True)
class Score:
    """One score; without one, `why_none` says why.

    category: what the question is about, where it is asked of many categories.
    """

    target: str
    question: str
    kind: Kind
    horizon_days: int
    score: float | None
    percentile: float | None
    why_none: str | None
    model_version: str | None
    candidate: str | None
    trained_as_of: datetime.date | None
    category: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Purchases:
    """What a customer has ordered so far and in the last year, and the favourite category."""

    first_date: datetime.date
    last_date: datetime.date
    order_count: float
    spend: float
    year_order_count: float
    year_spend: float
    favourite: str | None


@dataclass(frozen=True)
class Explanation:
    """One customer at the newest date.

    facts: their row of segments.customer_360, without what is null. purchases: None for whoever
    has not ordered yet.
    """

    customer_id: str
    as_of_date: datetime.date
    currency: str
    stage: str
    stage_since: datetime.date
    stage_since_is_oldest: bool
    facts: dict[str, Any]
    purchases: Purchases | None
    scores: tuple[Score, ...]
    segments: Membership


def explain_customer(home: Home, customer_id: str) -> Explanation:
    """Raises ConfigurationError for an unknown customer, or a home without a finished run."""
    snapshot = Snapshot(home)
    rows = snapshot.read(_CUSTOMER, {"customer_id": customer_id})
    if rows.empty:
        raise ConfigurationError(_unknown(snapshot, customer_id))
    row = rows.iloc[0]
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
        facts={
            str(name): list(value) if isinstance(value, np.ndarray) else value
            for name, value in row.items()
            if np.all(pd.notna(value))
        },
        purchases=_purchases(snapshot, key),
        scores=_scores(snapshot, key, currency, values),
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
            f"customer {customer_id} was last seen at {before} and is gone at {newest}: "
            "the records were merged into another customer, split or erased"
        )
    return (
        f"no customer {customer_id!r} at {newest}; ids are the customer_id of "
        "segments.customer_360, not those of a source system"
    )


def _scores(
    snapshot: Snapshot,
    key: dict[str, Any],
    currency: str,
    values: dict[str, float],
) -> tuple[Score, ...]:
    contracts = load_contracts()
    targets = targets_in(snapshot)
    return tuple(
        Score(
            target=row["target"],
            question=targets[row["target"]].question,
            kind=targets[row["target"]].kind,
            horizon_days=targets[row["target"]].horizon_days,
            score=_number(row["score"]),
            percentile=_number(row["percentile"]),
            why_none=_text(row["sufficiency_reason"]),
            model_version=_text(row["model_version"]),
            candidate=_text(row["candidate"]),
            trained_as_of=None if pd.isna(row["trained_as_of"]) else row["trained_as_of"].date(),
            category=_category(targets[row["target"]].category),
            reasons=_reasons(row, values, currency, contracts),
        )
        for row in snapshot.read(_SCORES, key).to_dict("records")
        # A target that the project no longer has cannot be said as what it is.
        if row["target"] in targets
    )


def _purchases(snapshot: Snapshot, key: dict[str, Any]) -> Purchases | None:
    for row in snapshot.read(_PURCHASES, key).to_dict("records"):
        return Purchases(
            first_date=row["first_date"].date(),
            last_date=row["last_date"].date(),
            order_count=float(row["orders"]),
            spend=float(row["spend"]),
            year_order_count=float(row["year_order_count"]),
            year_spend=float(row["year_spend"]),
            favourite=_category(row["favourite"]),
        )
    return None


def _category(value: Any) -> str | None:
    """A category as the shop writes it; None where there is none."""
    text = _text(value)
    return None if text is None else value_words("category", text)


def _reasons(
    row: dict[Any, Any], values: dict[str, float], currency: str, contracts: Contracts
) -> tuple[Reason, ...]:
    reasons = []
    for number in (1, 2, 3):
        feature = _text(row[f"reason_{number}_feature"])
        if feature is None:
            continue
        value = _number(row[f"reason_{number}_value"])
        column = contracts.dictionary.get(feature)
        words = reason_words(
            feature,
            value,
            others=values,
            description=column.description if column else "",
            currency=currency,
        )
        reasons.append(Reason(feature, value, float(row[f"reason_{number}_contribution"]), words))
    return tuple(reasons)


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _text(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
