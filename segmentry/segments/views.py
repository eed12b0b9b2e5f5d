"""The catalogue as a person asks for it: all segments in a line each, or one in full."""

import datetime
import difflib
from typing import Any

import pandas as pd

from segmentry.home import ConfigurationError
from segmentry.segments.preview import newest_date
from segmentry.segments.versions import NEWEST_VERSIONS
from segmentry.warehouse.door import Warehouse

SHOWN = 8


def list_segments(warehouse: Warehouse) -> pd.DataFrame:
    """One row per segment in its newest version, with its size and moves at the newest date.

    Columns: segment_id, segment_name, segment_description, kind, clustering (the lens of a
    cluster), status, owner, review_by, is_review_due, customer_count, entry_count, exit_count,
    volatility_rate.
    """
    date = newest_date(warehouse)
    rows = warehouse.read(_LIST, [date])
    rows["is_review_due"] = pd.to_datetime(rows["review_by"]) < pd.Timestamp(date)
    return rows


def show_segment(warehouse: Warehouse, segment_id: str) -> dict[str, Any]:
    """Everything about one segment: definition, versions, sizes, reasons, overlaps, near misses."""
    date = newest_date(warehouse)
    rows = list_segments(warehouse)
    asked = rows.loc[rows["segment_id"] == segment_id]
    if asked.empty:
        near = " or ".join(difflib.get_close_matches(segment_id, rows["segment_id"].tolist()))
        hint = f"did you mean {near}?" if near else "segmentry segments list names all"
        raise ConfigurationError(f"there is no segment {segment_id}; {hint}")
    tables = {name: warehouse.read(sql, [segment_id]) for name, sql in _PARTS.items()}
    return {
        "as_of_date": date,
        "segment": records(asked)[0],
        **{name: records(frame) for name, frame in tables.items()},
    }


def stored_definition(warehouse: Warehouse, segment_id: str) -> dict[str, Any]:
    """What the catalogue's newest version says, as the entries of a segment file; {} if unknown."""
    if not warehouse.home.warehouse.exists():
        return {}
    rows = warehouse.read(_NEWEST, [segment_id])
    if rows.empty:
        return {}
    (row,) = records(rows)
    leaves = row["exit_definition"]
    return {
        "name": row["segment_name"],
        "kind": row["kind"],
        "description": row["segment_description"],
        "enter" if leaves else "where": row["definition"],
        "exit": leaves,
        "minimum_stay_days": int(row["minimum_stay_days"] or 0) or None,
        "owner": row["owner"],
        "purpose": row["purpose"],
        "status": row["status"],
        "review_by": _plain(row["review_by"]),
        "lookalikes": int(row["lookalikes_wanted_count"] or 0) or None,
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain Python values; dates as dates, what is missing as None."""
    return [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    return value.item() if hasattr(value, "item") else value


_NEWEST = f"select * from ({NEWEST_VERSIONS}) as newest where segment_id = ?"
_LIST = f"""
    select c.segment_id, c.segment_name, c.segment_description, c.kind, c.clustering, c.status,
        c.owner, c.review_by, s.customer_count, s.entry_count, s.exit_count, s.volatility_rate
    from ({NEWEST_VERSIONS}) as c
    left join segments.segment_summary as s
        on s.segment_id = c.segment_id and s.as_of_date = ?
    order by c.status, c.segment_id
"""
_PARTS = {
    "versions": """
        select version, status, definition, exit_definition, minimum_stay_days, effective_from
        from segments.segment_catalogue where segment_id = ? order by version
    """,
    "sizes": f"""
        select as_of_date, customer_count, entry_count, exit_count, volatility_rate
        from segments.segment_summary where segment_id = ? order by as_of_date desc limit {SHOWN}
    """,
    "reasons": """
        select event, reason, count(*) as move_count from segments.segment_transitions
        where segment_id = ? and as_of_date = (select max(as_of_date) from segments.segment_summary)
        group by all order by event, move_count desc, reason
    """,
    "overlaps": f"""
        select other_segment_id, overlap_count, overlap_rate from segments.segment_overlaps
        where segment_id = ? order by overlap_count desc, other_segment_id limit {SHOWN}
    """,
    "near_misses": f"""
        select customer_id, conjunct, missed_value from segments.near_misses
        where segment_id = ? order by distance_rate, customer_id limit {SHOWN}
    """,
    "lookalikes": f"""
        select customer_id, likeness, reason_1_feature, reason_2_feature, reason_3_feature
        from segments.lookalikes where segment_id = ? order by rank limit {SHOWN}
    """,
}
