"""What is recorded of stored models: every version with its state, and one version in full."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd

from segmentry.home import ConfigurationError
from segmentry.models.decisions import find_version
from segmentry.models.registry import GIVEN, TIMELINE, champion_at
from segmentry.project.vocabulary import digest_for
from segmentry.warehouse.door import Warehouse

_LIST = """
    select model_version, target, candidate, trained_as_of, training_reason, reason,
        artefact_path is not null as is_stored
    from models.model_versions
    where $target is null or target = $target
    order by target, trained_as_of desc, model_version
"""
_IN_FORCE = f"""
    select effective_from, action, model_version, decided_by, reason
    from ({TIMELINE}) as decisions
    where target = ? order by effective_from, decided_as_of, decision_number
"""
_METRICS = """
    select split, as_of_date, metric, value, standard_error, rule_value, customer_count
    from models.model_metrics where model_version = ? order by split, as_of_date, metric
"""
_DRIFT = """
    select as_of_date, drift_subject, drift_name, metric, value, drift_limit, verdict
    from models.drift where model_version = $version and verdict <> 'ok'
        and as_of_date = (select max(as_of_date) from models.drift where model_version = $version)
    order by verdict, importance desc, drift_name
"""
_SCORED = f"""
    select count(distinct as_of_date) as dates, min(as_of_date) as first_date,
        max(as_of_date) as last_date
    from ({GIVEN}) as given where model_version = ?
"""
FACTS = (
    "target",
    "candidate",
    "trained_as_of",
    "training_reason",
    "reason",
    "training_origins",
    "training_rows",
    "data_digest",
    "feature_list_digest",
    "feature_list",
    "code_version",
    "artefact_path",
    "artefact_digest",
    "parameters",
)


@dataclass(frozen=True)
class VersionRecord:
    """One version. facts: FACTS by name; decisions: those about it, the oldest first; scored:
    dates, first_date, last_date; metrics, drift: rows of their tables.
    """

    model_version: str
    facts: dict[str, Any]
    decisions: list[dict[str, Any]]
    scored: dict[str, Any]
    metrics: list[dict[str, Any]]
    drift: list[dict[str, Any]]


def list_versions(warehouse: Warehouse, target: str | None) -> list[dict[str, Any]]:
    """Versions by target, newest first, with their state.

    Raises ConfigurationError for an unknown target.
    """
    rows = warehouse.read(_LIST, {"target": target})
    if target is not None and rows.empty:
        others = ", ".join(sorted(set(warehouse.read(_LIST, {"target": None})["target"])))
        raise ConfigurationError(f"no version of {target}; there are versions of {others or '-'}")
    rows["state"] = _states(warehouse, rows)
    return _plain(rows)


def show_version(warehouse: Warehouse, version: str) -> VersionRecord:
    """Everything that is recorded of one version. Raises ConfigurationError where there is none."""
    row = find_version(warehouse, version)
    facts = {name: _value(row[name]) for name in FACTS}
    facts["parameters"] = json.loads(facts["parameters"] or "null")
    decisions = _plain(warehouse.read(_IN_FORCE, [row["target"]]))
    return VersionRecord(
        model_version=version,
        facts=facts,
        decisions=[entry for entry in decisions if entry["model_version"] == version],
        scored=_plain(warehouse.read(_SCORED, [version]))[0],
        metrics=_plain(warehouse.read(_METRICS, [version])),
        drift=_plain(warehouse.read(_DRIFT, {"version": version})),
    )


def _states(warehouse: Warehouse, rows: pd.DataFrame) -> list[str]:
    """in force from a date, former, kept out, or no model."""
    states: dict[str, str] = {}
    for target in sorted(set(rows["target"])):
        decisions = warehouse.read(_IN_FORCE, [target])
        states |= dict.fromkeys(decisions["model_version"].dropna(), "former")
        if decisions.empty:
            continue
        last = pd.Timestamp(decisions["effective_from"].max()).date()
        champion = champion_at(warehouse, target, last, digest_for(target))
        if champion is not None:
            mine = decisions[decisions["model_version"] == champion.model_version]
            since = pd.Timestamp(mine["effective_from"].iloc[-1]).date()
            states[champion.model_version] = f"in force from {since}"
    return [
        states.get(str(row.model_version), "kept out" if row.is_stored else "no model")
        for row in rows.itertuples()
    ]


def _value(value: Any) -> Any:
    """A cell as Python's own type: dates as text, missing as None."""
    if value is None or value is pd.NaT or (not isinstance(value, str) and pd.isna(value)):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    return value.item() if hasattr(value, "item") else value


def _plain(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(key): _value(value) for key, value in row.items()}
        for row in rows.astype(object).to_dict("records")
    ]
