"""The segment catalogue as a table: definitions from YAML, copies per leading value, versions."""

import datetime
from collections import Counter
from collections.abc import Hashable, Sized
from dataclasses import replace
from typing import Any

import pandas as pd

from data_contracts.compiler.catalogue import Definition, expand, load_catalogue
from data_contracts.compiler.conditions import Vocabulary, read_condition
from data_contracts.compiler.identity_rules import (
    load_matching_model,
    load_nicknames,
    load_overrides,
    load_rules,
    load_survivorship,
)
from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.compiler.to_dbt import out_of_step
from data_contracts.compiler.to_membership import CLUSTER
from data_contracts.definitions.contract import ContractError, Contracts
from data_contracts.definitions.segment import Segment
from data_contracts.wording.coverage import check_phrases
from segmentry.home import DBT_PROJECT, ConfigurationError
from segmentry.project.vocabulary import condition_columns, lenses, written_targets
from segmentry.segments.fold import Version
from segmentry.warehouse.door import Warehouse


def definitions(contracts: Contracts) -> list[Definition]:
    """The catalogue as written, checked. Raises ContractError with file and line."""
    return load_catalogue(ROOT / "segments", condition_columns(), contracts.sensitive_columns())


def check_project() -> str:
    """Validate contracts, targets and catalogue, run nothing; returns what was found.

    Raises ContractError or ConfigurationError naming the file at fault.
    """
    contracts = load_contracts()
    stale = out_of_step(contracts, DBT_PROJECT)
    if stale:
        raise ConfigurationError(
            f"not in step with the contracts: {', '.join(stale)}; run segmentry contracts sync"
        )
    check_phrases(contracts)
    counts: dict[str, Sized] = {
        "tables": contracts.tables,
        "columns": contracts.dictionary,
        "targets": written_targets(),
        "clusterings": lenses(),
        "segment definitions": definitions(contracts),
    }
    load_matching_model()
    load_survivorship()
    counts |= {"identifier types": load_rules().types, "identity overrides": load_overrides()}
    counts |= {"given names": load_nicknames().formal}
    return ", ".join(f"{len(found)} {name}" for name, found in counts.items())


def overdue_reviews(today: datetime.date) -> list[str]:
    """A line for each definition in use whose review was due before `today`."""
    segments = [definition.segment for definition in definitions(load_contracts())]
    return [
        f"{s.segment_id}.yaml was to be reviewed by {s.review_by}: ask {s.owner}"
        for s in segments
        if s.status != "retired" and s.review_by < today
    ]


def segments_of_today(warehouse: Warehouse, contracts: Contracts) -> list[Segment]:
    """Every segment, with one copy per leading value where a definition asks for it.

    A copy that has a file of its own (somebody approved or retired it) is what the file says.
    """
    found = definitions(contracts)
    own = {d.segment.segment_id for d in found if d.for_each is None}
    copies: dict[str, Segment] = {}
    for definition in found:
        values = leading_values(warehouse, definition) if definition.for_each else {}
        for segment in expand(definition, values):
            if definition.for_each is not None and segment.segment_id in own:
                continue
            if segment.segment_id in copies:
                raise ContractError(f"two segments are called {segment.segment_id}")
            copies[segment.segment_id] = segment
    return told_apart(list(copies.values()))


def told_apart(segments: list[Segment]) -> list[Segment]:
    """Clusters of two lenses may look alike; then each name says through which lens.

    Returns the segments in their order; nothing but names changes.
    """
    counted = Counter(segment.name for segment in segments)
    told = []
    for segment in segments:
        seen = sorted(column for column in segment.columns if column.startswith(CLUSTER))
        if counted[segment.name] > 1 and seen:
            lens = seen[0].removeprefix(CLUSTER)
            segment = replace(segment, name=f"{segment.name} ({lens})")
        told.append(segment)
    return told


NEWEST = "select max(as_of_date) from models.customer_scores"


def leading_values(warehouse: Warehouse, definition: Definition) -> dict[str, str]:
    """The values that make copies -> the value in words: clusters, or what most customers carry.

    A value that has a copy keeps it while it is among twice as many, so that two categories of
    like size do not end and begin segments by turns.
    """
    column = definition.for_each or ""
    if column.startswith(CLUSTER):
        names = warehouse.read(_CLUSTERS, [column.removeprefix(CLUSTER)])
        return dict(zip(names["value"], names["words"], strict=True))
    counted = warehouse.read(
        f"""
        select {column} as value from features.customer_features
        where {column} is not null and as_of_date = ({NEWEST})
        group by {column} order by count(*) desc, {column} limit {2 * definition.leading}
        """
    )
    values = {value: _in_words(value) for value in counted["value"]}
    copies = expand(definition, values)
    stored = warehouse.read(_IN_USE)["segment_id"]
    kept = [c.segment_id in set(stored) for c in copies]
    chosen = {}
    for place, (value, has_copy) in enumerate(zip(values, kept, strict=True)):
        if place < definition.leading or has_copy:
            chosen[value] = values[value]
    return chosen


_CLUSTERS = f"""
    select distinct a.cluster_id as value, p.cluster_name as words
    from models.cluster_assignments as a
    inner join models.cluster_profiles as p
        on p.cluster_id = a.cluster_id and p.clustering = a.clustering
        and p.model_version = a.model_version
    where a.clustering = ? and not a.is_noise and a.as_of_date = ({NEWEST})
    order by value
"""
_IN_USE = """
    select segment_id from (
        select segment_id, status, row_number() over (
            partition by segment_id order by version desc
        ) as recency
        from segments.segment_catalogue
    ) where recency = 1 and status <> 'retired'
"""


def _in_words(value: str) -> str:
    return str(value).replace("_", " ").strip().capitalize() if str(value).isupper() else str(value)


_COLUMNS = (
    "segment_id, version, segment_name, kind, definition, exit_definition, minimum_stay_days, "
    "segment_description, owner, purpose, status, review_by, lookalikes_wanted_count, "
    "definition_digest, effective_from"
)


def catalogue_rows(
    warehouse: Warehouse, today: list[Segment], first: datetime.date, newest: datetime.date
) -> pd.DataFrame:
    """The stored versions plus a new one for each definition that changed, came back or went.

    A segment never seen before is in force from the first judged date; a changed one from D on.
    A history that begins earlier than before takes its first segments along. Words about a
    segment that is defined as before are brought up to date in its newest version.
    """
    stored = warehouse.read(
        f"select {_COLUMNS} from segments.segment_catalogue order by segment_id, version"
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
        from segments.segment_catalogue
    )
    where replaced_from is null or replaced_from > ?
    order by segment_id, version
"""


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
    where = f"segments.segment_catalogue: {row['segment_id']} version {row['version']}"
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
