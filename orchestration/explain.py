"""What is known of one customer: stage, scores with reasons, segments, and what would change them.

All of it comes from the served snapshot, so that a running job is neither waited for nor disturbed.
"""

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data_contracts.compiler.contract import Contracts
from data_contracts.compiler.loading import load_contracts
from ml.reason_words import reason_words
from orchestration.home import ConfigurationError, Home
from orchestration.snapshot import Snapshot
from orchestration.targets import targets_in

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
_STAYS = """
    with named as (
        select segment_id, arg_max(segment_name, version) as segment_name
        from segments.segment_catalogue group by segment_id)
    select h.segment_id, coalesce(n.segment_name, h.segment_id) as segment_name,
        h.valid_from as since,
        case when h.valid_from > (select min(as_of_date) from segments.lifecycle_stages)
            then t.reason end as reason
    from segments.segment_membership_history as h
    left join named as n using (segment_id)
    left join segments.segment_transitions as t on t.customer_id = h.customer_id
        and t.segment_id = h.segment_id and t.as_of_date = h.valid_from and t.event = 'enter'
    where h.customer_id = $customer_id and h.valid_from <= $as_of
        and (h.valid_to is null or h.valid_to > $as_of)
    order by h.valid_from, h.segment_id
"""
_CURRENCY = "select setting_value from ops.settings where setting_name = 'reporting_currency'"


@dataclass(frozen=True)
class ToldReason:
    """One reason: the feature that tells it, its value, what its theme adds, and the words."""

    feature: str
    value: float | None
    contribution: float
    words: str


@dataclass(frozen=True)
class ToldScore:
    """One score; without one, `why_none` says why."""

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
    reasons: tuple[ToldReason, ...]


@dataclass(frozen=True)
class Stay:
    """A segment that the customer is in, since when, and why they came.

    Without a reason they have been in it since the oldest judged date, or longer.
    """

    segment_id: str
    name: str
    since: datetime.date
    reason: str | None


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
    segments: tuple[Stay, ...]


def explain_customer(home: Home, customer_id: str) -> Explanation:
    """Raises ConfigurationError for an unknown customer, or a home without a finished run."""
    snapshot = Snapshot(home)
    found = snapshot.read(_CUSTOMER, {"customer_id": customer_id})
    if found.empty:
        raise ConfigurationError(_unknown(snapshot, customer_id))
    row = found.iloc[0]
    key = {"customer_id": customer_id, "as_of": row["as_of_date"].date()}
    currency = str(snapshot.scalar(_CURRENCY) or "")
    stage = snapshot.read(_STAGE, key).iloc[0]
    return Explanation(
        customer_id=customer_id,
        as_of_date=key["as_of"],
        currency=currency,
        stage=str(row["lifecycle_stage"]),
        stage_since=stage["since"].date(),
        stage_since_is_oldest=bool(stage["is_oldest"]),
        facts={str(name): value for name, value in row.items() if not pd.isna(value)},
        scores=_scores(snapshot, key, currency),
        segments=tuple(
            Stay(
                stay["segment_id"],
                stay["segment_name"],
                stay["since"].date(),
                _text(stay["reason"]),
            )
            for stay in snapshot.read(_STAYS, key).to_dict("records")
        ),
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


def _scores(snapshot: Snapshot, key: dict[str, Any], currency: str) -> tuple[ToldScore, ...]:
    contracts = load_contracts()
    targets = targets_in(snapshot)
    features = snapshot.read(_FEATURES, key)
    numbers = features.select_dtypes(["number", "bool"]).iloc[0].dropna().astype(float)
    values = {str(name): float(value) for name, value in numbers.items()}
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
                reasons=_reasons(row, values, currency, contracts),
            )
        )
    return tuple(told)


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
