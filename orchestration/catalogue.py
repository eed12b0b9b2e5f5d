"""The segment catalogue as a table: definitions from YAML, copies per leading value, versions."""

import datetime

import pandas as pd

from data_contracts.compiler.contract import ContractError, Contracts
from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.compiler.segments import (
    Definition,
    Segment,
    check_condition,
    expand,
    load_catalogue,
)
from data_contracts.compiler.to_dbt import out_of_step
from orchestration.home import DBT_PROJECT, ConfigurationError
from orchestration.membership import Version
from orchestration.targets import condition_columns, targets
from orchestration.warehouse import Warehouse


def definitions(contracts: Contracts) -> list[Definition]:
    """The catalogue as written, checked. Raises ContractError with file and line."""
    return load_catalogue(ROOT / "segments", condition_columns(), contracts.sensitive_columns())


def check_project() -> str:
    """Validate contracts, targets and catalogue, run nothing; returns what was found.

    Raises ContractError or ConfigurationError naming the file at fault.
    """
    contracts = load_contracts()
    stale = out_of_step(contracts, DBT_PROJECT / "models")
    if stale:
        raise ConfigurationError(
            f"not in step with the contracts: {', '.join(stale)}; run segmentry contracts sync"
        )
    counts = {
        "tables": contracts.tables,
        "columns": contracts.dictionary,
        "targets": targets(),
        "segment definitions": definitions(contracts),
    }
    return ", ".join(f"{len(found)} {name}" for name, found in counts.items())


def segments_of_today(warehouse: Warehouse, contracts: Contracts) -> list[Segment]:
    """Every segment, with one copy per leading value where a definition asks for it."""
    found: dict[str, Segment] = {}
    for definition in definitions(contracts):
        values = _leading_values(warehouse, definition) if definition.for_each else {}
        for segment in expand(definition, values):
            if segment.segment_id in found:
                raise ContractError(f"two segments are called {segment.segment_id}")
            found[segment.segment_id] = segment
    return list(found.values())


def _leading_values(warehouse: Warehouse, definition: Definition) -> dict[str, str]:
    """The values most customers carry at D -> the value in words."""
    column = definition.for_each or ""
    if column.startswith("cluster_"):
        names = warehouse.read(
            """
            select distinct a.cluster_id as value, p.cluster_name as words
            from models.cluster_assignments as a
            inner join models.cluster_profiles as p
                on p.cluster_id = a.cluster_id and p.model_version = a.model_version
            where a.clustering = ? and not a.is_noise and a.as_of_date = (
                select as_of_date from ops.build_dates where purpose = 'newest'
            )
            order by value
            """,
            [column.removeprefix("cluster_")],
        )
    else:
        names = warehouse.read(
            f"""
            select {column} as value, {column} as words from features.customer_features
            where {column} is not null and as_of_date = (
                select as_of_date from ops.build_dates where purpose = 'newest'
            )
            group by {column} order by count(*) desc, {column} limit {definition.leading}
            """
        )
        names["words"] = names["words"].map(_in_words)
    return dict(zip(names["value"], names["words"], strict=True))


def _in_words(value: str) -> str:
    return str(value).replace("_", " ").strip().capitalize() if str(value).isupper() else str(value)


_COLUMNS = (
    "segment_id, version, segment_name, kind, definition, segment_description, owner, purpose, "
    "status, review_by, definition_digest, effective_from"
)


def catalogue_rows(
    warehouse: Warehouse, today: list[Segment], first: datetime.date, newest: datetime.date
) -> pd.DataFrame:
    """The stored versions plus a new one for each definition that changed or went away.

    A segment never seen before is in force from the first judged date; a changed one from D on.
    """
    stored = warehouse.read(f"select {_COLUMNS} from segments.segment_catalogue")
    latest = stored.sort_values("version").groupby("segment_id").tail(1).set_index("segment_id")
    rows = [stored]
    for segment in today:
        known = segment.segment_id in latest.index
        version = int(latest.at[segment.segment_id, "version"]) if known else 0
        same = known and latest.at[segment.segment_id, "definition_digest"] == segment.digest
        if same and latest.at[segment.segment_id, "status"] != "retired":
            stored.loc[
                (stored["segment_id"] == segment.segment_id) & (stored["version"] == version),
                ["segment_name", "segment_description", "owner", "purpose", "status"],
            ] = [segment.name, segment.description, segment.owner, segment.purpose, segment.status]
            continue
        rows.append(_row(segment, version + 1, newest if known else first))
    gone = latest[~latest.index.isin([s.segment_id for s in today])]
    for segment_id, last in gone[gone["status"] != "retired"].iterrows():
        retired = last.to_dict() | {"segment_id": segment_id, "status": "retired"}
        retired |= {"version": int(last["version"]) + 1, "effective_from": newest}
        rows.append(pd.DataFrame([retired]))
    return pd.concat([r for r in rows if len(r)], ignore_index=True)[stored.columns]


def _row(segment: Segment, version: int, effective_from: datetime.date) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "segment_id": segment.segment_id,
                "version": version,
                "segment_name": segment.name,
                "kind": segment.kind,
                "definition": segment.condition,
                "segment_description": segment.description,
                "owner": segment.owner,
                "purpose": segment.purpose,
                "status": segment.status,
                "review_by": segment.review_by,
                "definition_digest": segment.digest,
                "effective_from": effective_from,
            }
        ]
    )


def read_versions(warehouse: Warehouse, contracts: Contracts) -> list[Version]:
    """Every stored version, its condition checked again against today's columns."""
    columns, sensitive = condition_columns(), contracts.sensitive_columns()
    versions = []
    for row in warehouse.read(f"select {_COLUMNS} from segments.segment_catalogue").itertuples():
        where = f"segments.segment_catalogue: {row.segment_id} version {row.version}"
        condition, used = check_condition(row.definition, columns, sensitive, where)
        segment = Segment(
            segment_id=row.segment_id,
            name=row.segment_name,
            kind=row.kind,
            description=row.segment_description,
            condition=condition,
            owner=row.owner,
            purpose=row.purpose,
            status=row.status,
            review_by=row.review_by,
            columns=frozenset(used),
        )
        versions.append(Version(segment, pd.Timestamp(row.effective_from).date()))
    return versions
