"""Which segments one customer is in, since when and why; what would make them leave or enter."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

import pandas as pd

from ml.clusters.members import compare_member
from segmentry.home import ConfigurationError, Home
from segmentry.segments.versions import NEWEST_VERSIONS
from segmentry.segments.why import why
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.snapshot import Snapshot

# Why in and why out reads order lines, which are not served: where a run holds the warehouse,
# that part is left out rather than waited for.
WAIT_SECONDS = 2.0
NEAREST = 5
_COMPARISON = re.compile(r"(\w+) (>=|<=|>|<|=) (-?[\d.]+)")
_STAYS = f"""
    with named as ({NEWEST_VERSIONS})
    select h.segment_id, coalesce(n.segment_name, h.segment_id) as segment_name,
        coalesce(n.segment_description, '') as segment_description, h.valid_from as since,
        n.clustering as lens,
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
_NAMES = f"select segment_id, segment_name, segment_description from ({NEWEST_VERSIONS}) as newest"
# Who is noise is in no segment of a cluster.
_PROFILES = """
    select 'cluster_' || a.clustering || '_' || lower(a.cluster_id) as segment_id, p.*
    from models.cluster_assignments as a
    inner join models.cluster_profiles as p using (clustering, cluster_id, model_version)
    where a.customer_id = $customer_id and a.as_of_date = $as_of
"""


@dataclass(frozen=True)
class Part:
    """One part of a condition, the customer's value, whether it holds, and all that in words."""

    condition: str
    value: str | None
    holds: bool
    words: str

    @property
    def gap(self) -> float:
        """How far a number is from its threshold, as a part of it; infinite for anything else."""
        compared = _COMPARISON.fullmatch(self.condition)
        if not compared or self.value is None:
            return inf
        threshold = float(compared[3])
        return abs(float(self.value) - threshold) / max(abs(threshold), 1e-9)


@dataclass(frozen=True)
class Stay:
    """A segment that the customer is in, since when, and why they entered.

    Without a reason they have been in it since the first date with segments, or longer.
    leaves_when says which parts decide: 'one fails' of those that let them in, or 'all hold' of
    the exit condition. lens: of a cluster, what customers were compared by. alike: how the customer
    compares with the average of the cluster, which gives it its name.
    """

    segment_id: str
    name: str
    description: str
    since: date
    reason: str | None
    leaves_when: str
    parts: tuple[Part, ...]
    lens: str | None
    alike: str | None


@dataclass(frozen=True)
class Near:
    """A segment that the customer is not in for want of one part of its condition."""

    segment_id: str
    name: str
    description: str
    missing: Part


@dataclass(frozen=True)
class Membership:
    """The segments of a customer. judged: False where the warehouse was busy: no parts then."""

    stays: tuple[Stay, ...]
    nearest: tuple[Near, ...]
    judged: bool


def membership(
    home: Home, snapshot: Snapshot, customer_id: str, as_of: date, features: Mapping[str, float]
) -> Membership:
    """The segments of one customer at a date, and the nearest of the others.

    features: those that are not null, in numbers.
    """
    try:
        parts = why(Warehouse(home, WAIT_SECONDS), customer_id, as_of)
    except ConfigurationError:
        parts = None
    key = {"customer_id": customer_id, "as_of": as_of}
    profiles = snapshot.read(_PROFILES, key).groupby("segment_id")
    alike = {str(segment): compare_member(rows, features) for segment, rows in profiles}
    stays = [_stay(row, parts, alike) for row in snapshot.read(_STAYS, key).to_dict("records")]
    nearest = [] if parts is None else _nearest(parts, snapshot.read(_NAMES))
    return Membership(tuple(stays), tuple(nearest), parts is not None)


def _stay(row: dict[Any, Any], parts: pd.DataFrame | None, alike: dict[str, str]) -> Stay:
    deciding: tuple[Part, ...] = ()
    leaves_when = "one fails"
    if parts is not None:
        mine = parts[parts["segment_id"] == row["segment_id"]]
        leaving = mine[mine["condition"] == "exit"]
        leaves_when = "all hold" if len(leaving) else "one fails"
        deciding = _parts(leaving if len(leaving) else mine)
    return Stay(
        segment_id=row["segment_id"],
        name=row["segment_name"],
        description=row["segment_description"],
        since=row["since"].date(),
        reason=None if pd.isna(row["reason"]) else str(row["reason"]),
        leaves_when=leaves_when,
        parts=deciding,
        lens=None if pd.isna(row["lens"]) else str(row["lens"]),
        alike=alike.get(row["segment_id"]) or None,
    )


def _parts(rows: pd.DataFrame) -> tuple[Part, ...]:
    return tuple(
        Part(
            row["conjunct"],
            None if pd.isna(row["value"]) else row["value"],
            bool(row["holds"]),
            row["words"],
        )
        for row in rows.to_dict("records")
    )


def _nearest(parts: pd.DataFrame, names: pd.DataFrame) -> list[Near]:
    """Segments of which one comparable number is missing, the smallest gap first."""
    named = names.set_index("segment_id")
    near = []
    outside = parts[~parts["is_member"].astype(bool) & (parts["condition"] == "enter")]
    for segment_id, rows in outside.groupby("segment_id", sort=True):
        missing = [part for part in _parts(rows) if not part.holds]
        if len(missing) == 1 and missing[0].gap < inf:
            name, description = named.loc[str(segment_id)]
            near.append(Near(str(segment_id), str(name), str(description), missing[0]))
    return sorted(near, key=lambda one: one.missing.gap)[:NEAREST]
