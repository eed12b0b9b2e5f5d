"""What is odd about the segments at the newest date: sizes, everybody, nobody, reviews due.

Nobody is odd only where the data that the segment reads are there.
"""

import datetime
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from data_contracts.compiler.to_membership import SCORE_SUFFIXES, model_of
from segmentry.project.vocabulary import feature_columns
from segmentry.segments.versions import segments_in_force
from segmentry.warehouse.door import Warehouse

# Fewer earlier steps do not show how a segment usually moves.
LEAST_STEPS = 4
# A step is a jump beyond this many times the usual one (median of the absolute changes of log
# size), beyond what chance does to a segment of that size, and beyond a tenth.
TIMES_USUAL = 4.0
LEAST_JUMP = np.log(1.1)
CHANCE = 3.0


@dataclass(frozen=True)
class Alert:
    """Something that a person should look at; check: jumped, everyone, no_one or review_due."""

    check: str
    segment_id: str
    message: str


def find_alerts(warehouse: Warehouse) -> list[Alert]:
    """The alerts of the newest judged date, by segment and check."""
    summary = warehouse.read(
        "select segment_id, as_of_date, customer_count, entry_count, exit_count "
        "from segments.segment_summary order by segment_id, as_of_date"
    )
    newest = pd.Timestamp(summary["as_of_date"].max())
    reasons = warehouse.read(
        "select segment_id, reason, count(*) as move_count from segments.segment_transitions "
        "where as_of_date = ? group by all order by segment_id, move_count desc, reason",
        [newest.date()],
    )
    customers = warehouse.scalar(
        "select count(*) from segments.lifecycle_stages where as_of_date = ?", [newest.date()]
    )
    reviews = warehouse.read(_REVIEWS)
    absent = without_data(warehouse, newest.date())
    odd = [a for a in extremes(summary, int(str(customers))) if a.segment_id not in absent]
    alerts = jumps(summary, reasons) + odd
    alerts += overdue(reviews, newest.date())
    return sorted(alerts, key=lambda alert: (alert.segment_id, alert.check))


def without_data(warehouse: Warehouse, date: datetime.date) -> set[str]:
    """Segments that read a feature or score of which nothing is known of anybody at the date."""
    contracts = load_contracts()
    read = {s.segment_id: s.columns for s in segments_in_force(warehouse, contracts, date)}
    named = sorted(set().union(*read.values()) & set(feature_columns()))
    known = warehouse.read(
        f"select {', '.join(f'count({name}) as {name}' for name in named)} "
        "from features.customer_features where as_of_date = ?",
        [date],
    ).iloc[0]
    scored = set(
        warehouse.read(
            "select distinct target from models.customer_scores "
            "where as_of_date = ? and score is not null",
            [date],
        )["target"]
    )
    absent = {name for name in named if known[name] == 0}
    for name in set().union(*read.values()) - set(named):
        if name.endswith(SCORE_SUFFIXES) and model_of(name) not in scored:
            absent.add(name)
    return {segment_id for segment_id, columns in read.items() if columns & absent}


_REVIEWS = """
    select segment_id, review_by, owner from segments.segments
    where status <> 'retired' order by segment_id
"""


def jumps(summary: pd.DataFrame, reasons: pd.DataFrame) -> list[Alert]:
    """Segments whose newest step is far beyond their own earlier ones.

    summary: segment_id, as_of_date, customer_count, in order. The first date fills a segment and
    is no step. reasons: segment_id, reason, move_count of the newest date, the most first.
    """
    alerts = []
    newest = summary["as_of_date"].max()
    for segment_id, own in summary.groupby("segment_id", sort=True):
        sizes = own["customer_count"].to_numpy(dtype=np.float64)
        if own["as_of_date"].iloc[-1] != newest or len(sizes) < LEAST_STEPS + 2:
            continue
        steps = np.abs(np.diff(np.log1p(sizes)))
        usual, step = float(np.median(steps[:-1])), steps[-1]
        limit = max(TIMES_USUAL * usual, LEAST_JUMP, CHANCE / np.sqrt(1 + sizes[-2]))
        if step > limit:
            why = reasons.loc[reasons["segment_id"] == segment_id]
            moved = ", ".join(f"{r.move_count:,} by {r.reason}" for r in why.itertuples())
            alerts.append(
                Alert(
                    "jumped",
                    str(segment_id),
                    f"{segment_id} went from {sizes[-2]:,.0f} to {sizes[-1]:,.0f} customers; its "
                    f"usual step is {np.expm1(usual):.0%}. Moves: {moved or 'none'}",
                )
            )
    return alerts


def extremes(summary: pd.DataFrame, customers: int) -> list[Alert]:
    """Segments that hold everyone or no one at the newest date."""
    alerts = []
    for row in summary.loc[summary["as_of_date"] == summary["as_of_date"].max()].itertuples():
        if row.customer_count == 0:
            alerts.append(Alert("no_one", str(row.segment_id), f"{row.segment_id} has no member"))
        elif row.customer_count >= customers:
            message = f"{row.segment_id} holds all {customers:,} customers"
            alerts.append(Alert("everyone", str(row.segment_id), message))
    return alerts


def overdue(reviews: pd.DataFrame, date: datetime.date) -> list[Alert]:
    """Segments whose review was due before `date`."""
    late = reviews.loc[pd.to_datetime(reviews["review_by"]) < pd.Timestamp(date)]
    return [
        Alert(
            "review_due",
            str(row.segment_id),
            f"{row.segment_id} was to be reviewed by {pd.Timestamp(str(row.review_by)).date()}: "
            f"ask {row.owner}",
        )
        for row in late.itertuples()
    ]
