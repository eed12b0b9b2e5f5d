"""The catalogue as a table: every version of every segment, and which is in force at a date."""

import datetime
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.segment import Segment
from segmentry.project.vocabulary import condition_columns
from segmentry.warehouse.door import Warehouse

CATALOGUE = "segments.segment_catalogue"
_COLUMNS = (
    "segment_id, version, segment_name, kind, definition, exit_definition, minimum_stay_days, "
    "segment_description, owner, purpose, status, review_by, lookalikes_wanted_count, "
    "definition_digest, effective_from"
)
# The newest version of every segment, for whoever asks before dbt has built segments.segments
# from the catalogue of this run, or in a home that was made before that table was.
NEWEST_VERSIONS = f"""
    select {_COLUMNS}, first_effective_from, clustering from (
        select *,
            min(effective_from) over (partition by segment_id) as first_effective_from,
            case when kind = 'cluster' then
                nullif(regexp_extract(definition, 'cluster_([a-z0-9_]+) = ', 1), '')
            end as clustering,
            row_number() over (partition by segment_id order by version desc) as recency
        from {CATALOGUE}
    ) as versions where recency = 1
"""


@dataclass(frozen=True)
class Version:
    """One version of a segment, in force from `effective_from` on."""

    segment: Segment
    effective_from: datetime.date


def in_force(versions: list[Version], date: datetime.date) -> dict[str, Version]:
    """The version of each segment at a date: the newest that is effective by then."""
    by_id: dict[str, Version] = {}
    for version in sorted(versions, key=lambda v: v.effective_from):
        if version.effective_from <= date and version.segment.status != "retired":
            by_id[version.segment.segment_id] = version
        elif version.effective_from <= date:
            by_id.pop(version.segment.segment_id, None)
    return by_id


def segments_in_force(
    warehouse: Warehouse, contracts: Contracts, date: datetime.date
) -> list[Segment]:
    """The segments in force at a date, by id of version; none that is retired."""
    versions = read_versions(warehouse, contracts, date)
    return [version.segment for version in in_force(versions, date).values()]


def read_versions(
    warehouse: Warehouse, contracts: Contracts, since: datetime.date
) -> list[Version]:
    """The versions in force at any date from `since` on, checked against today's columns."""
    stored = warehouse.read(_IN_FORCE_SINCE, [since]).to_dict("records")
    vocabulary = Vocabulary(
        condition_columns(),
        frozenset(contracts.sensitive_columns()),
        frozenset(str(row["segment_id"]) for row in stored),
    )
    return [_version(row, vocabulary) for row in stored]


def _version(row: dict[Hashable, Any], vocabulary: Vocabulary) -> Version:
    where = f"{CATALOGUE}: {row['segment_id']} version {row['version']}"
    leaving = row["exit_definition"]
    days, wanted = row["minimum_stay_days"], row["lookalikes_wanted_count"]
    segment = Segment(
        segment_id=row["segment_id"],
        name=row["segment_name"],
        kind=row["kind"],
        description=row["segment_description"],
        enter=read_condition(row["definition"], vocabulary, where),
        owner=row["owner"],
        purpose=row["purpose"],
        status=row["status"],
        review_by=pd.Timestamp(row["review_by"]).date(),
        exit=None if pd.isna(leaving) else read_condition(leaving, vocabulary, where),
        minimum_stay_days=0 if pd.isna(days) else int(days),
        lookalikes=0 if pd.isna(wanted) else int(wanted),
    )
    return Version(segment, pd.Timestamp(row["effective_from"]).date())


def catalogue_rows(
    warehouse: Warehouse, today: list[Segment], first: datetime.date, newest: datetime.date
) -> pd.DataFrame:
    """The stored versions plus a new one for each definition that changed, came back or went.

    A segment never seen before is in force from the first judged date; a changed one from D on.
    A history that begins earlier than before takes its first segments along. Words about a
    segment that is defined as before are brought up to date in its newest version.
    """
    stored = warehouse.read(
        f"select {_COLUMNS} from {CATALOGUE} order by segment_id, version"
    ).to_dict("records")
    began = min((row["effective_from"] for row in stored), default=first)
    for row in stored:
        if row["effective_from"] == began and pd.Timestamp(began).date() > first:
            row["effective_from"] = first
    latest: dict[str, dict[Hashable, Any]] = {str(row["segment_id"]): row for row in stored}
    rows = list(stored)
    for segment in today:
        last = latest.pop(segment.segment_id, None)
        if last is None:
            rows.append(_row(segment, 1, first))
        elif _defined_as(last) == (segment.digest, segment.status == "retired"):
            last |= _row(segment, last["version"], last["effective_from"])
        else:
            rows.append(_row(segment, last["version"] + 1, newest))
    for last in latest.values():
        if last["status"] != "retired":
            changed: dict[Hashable, Any] = {"status": "retired", "version": last["version"] + 1}
            rows.append(last | changed | {"effective_from": newest})
    return pd.DataFrame(rows, columns=_COLUMNS.split(", "))


def _defined_as(row: dict[Hashable, Any]) -> tuple[str, bool]:
    return row["definition_digest"], row["status"] == "retired"


def _row(segment: Segment, version: int, effective_from: datetime.date) -> dict[Hashable, Any]:
    return {
        "segment_id": segment.segment_id,
        "version": version,
        "segment_name": segment.name,
        "kind": segment.kind,
        "definition": segment.enter.sql,
        "exit_definition": segment.exit.sql if segment.exit else None,
        "minimum_stay_days": segment.minimum_stay_days,
        "segment_description": segment.description,
        "owner": segment.owner,
        "purpose": segment.purpose,
        "status": segment.status,
        "review_by": segment.review_by,
        "lookalikes_wanted_count": segment.lookalikes,
        "definition_digest": segment.digest,
        "effective_from": effective_from,
    }


_IN_FORCE_SINCE = f"""
    select {_COLUMNS} from (
        select *, lead(effective_from) over (
            partition by segment_id order by version
        ) as replaced_from
        from {CATALOGUE}
    ) as versions
    where replaced_from is null or replaced_from > ?
    order by segment_id, version
"""
