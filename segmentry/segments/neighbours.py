"""Lookalikes of the segments that ask for them, and near misses of all, at the newest date."""

import datetime

import numpy as np
import pandas as pd

from data_contracts.compiler.to_near_misses import near_misses_sql
from data_contracts.definitions.condition import SEGMENT
from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.segment import Segment
from ml.frames import numeric_features
from ml.lookalikes import fit_likeness, rank_lookalikes
from segmentry.warehouse.door import Warehouse

MEMBERS = "select customer_id from segments.segment_membership_history where valid_to is null"


def find_lookalikes(
    warehouse: Warehouse, contracts: Contracts, segments: list[Segment], date: datetime.date
) -> list[pd.DataFrame]:
    """Rows of segments.lookalikes: a frame per segment that asks for some and has the members."""
    asking = [segment for segment in segments if segment.lookalikes]
    if not asking:
        return []
    frame = warehouse.read(
        "select * from features.customer_features where as_of_date = ? order by customer_id", [date]
    )
    features = [f for f in numeric_features(frame) if f not in contracts.sensitive_columns()]
    frames = []
    for segment in asking:
        members = warehouse.read(f"{MEMBERS} and segment_id = ?", [segment.segment_id])
        is_member = frame["customer_id"].isin(members["customer_id"]).to_numpy(dtype=np.bool_)
        likeness = fit_likeness(frame, is_member, features, set(segment.columns))
        if likeness is not None:
            rows = rank_lookalikes(likeness, frame, is_member, segment.lookalikes)
            frames.append(rows.assign(segment_id=segment.segment_id, as_of_date=date))
    return frames


def find_near_misses(
    warehouse: Warehouse, segments: list[Segment], date: datetime.date
) -> pd.DataFrame:
    """Rows of segments.near_misses: customers whom one number within 10 % keeps out."""
    asked = sorted({segment_id for segment in segments for segment_id in segment.segments})
    answers = "".join(
        f", customer_id in ({MEMBERS} and segment_id = '{i}') as {SEGMENT}{i}" for i in asked
    )
    frame, queries = near_misses_sql(segments, answers)
    with warehouse.connect() as connection:
        connection.execute(
            f"create or replace temp table near_frame as {frame}", {"as_of_date": date}
        )
        rows = connection.execute(
            f"""
            select *, $as_of_date::date as as_of_date from ({queries}) as near
            where not exists (
                select 1 from segments.segment_membership_history as stays
                where stays.valid_to is null and stays.customer_id = near.customer_id
                    and stays.segment_id = near.segment_id
            )
            order by segment_id, distance_rate, customer_id
            """,
            {"as_of_date": date},
        ).df()
    return rows
