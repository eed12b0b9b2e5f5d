"""What `segmentry models list` and `show` print."""

import json as json_library
import sys
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

from orchestration.decisions import find_version
from orchestration.home import ConfigurationError
from orchestration.registry import TIMELINE, champion_at
from orchestration.targets import feature_list_digest
from orchestration.warehouse import Warehouse

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
_SCORED = """
    select count(distinct as_of_date) as dates, min(as_of_date) as first_date,
        max(as_of_date) as last_date
    from (
        select as_of_date, model_version from models.customer_scores
        union all select as_of_date, model_version from models.cluster_assignments
    ) as given where model_version = ?
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


def print_list(warehouse: Warehouse, target: str | None, json: bool) -> None:
    """Versions by target, newest first. Raises ConfigurationError for an unknown target."""
    rows = warehouse.read(_LIST, {"target": target})
    if target is not None and rows.empty:
        known = ", ".join(sorted(set(warehouse.read(_LIST, {"target": None})["target"])))
        raise ConfigurationError(f"no version of {target}; there are versions of {known or '-'}")
    rows["state"] = _states(warehouse, rows)
    if json:
        _dump(_plain(rows))
        return
    table = Table(title="Model versions", title_justify="left")
    for title in ("target", "version", "kind", "trained", "state"):
        table.add_column(title, overflow="fold")
    for row in _plain(rows):
        kind, day = row["candidate"] or "-", str(row["trained_as_of"])
        table.add_row(row["target"], row["model_version"], kind, day, row["state"])
    Console(highlight=False).print(table)


def _states(warehouse: Warehouse, rows: pd.DataFrame) -> list[str]:
    """in force from a date, former, kept out, or no model."""
    found: dict[str, str] = {}
    for target in sorted(set(rows["target"])):
        decisions = warehouse.read(_IN_FORCE, [target])
        found |= dict.fromkeys(decisions["model_version"].dropna(), "former")
        if decisions.empty:
            continue
        last = pd.Timestamp(decisions["effective_from"].max()).date()
        champion = champion_at(warehouse, target, last, feature_list_digest())
        if champion is not None:
            mine = decisions[decisions["model_version"] == champion.model_version]
            since = pd.Timestamp(mine["effective_from"].iloc[-1]).date()
            found[champion.model_version] = f"in force from {since}"
    return [
        found.get(str(row.model_version), "kept out" if row.is_stored else "no model")
        for row in rows.itertuples()
    ]


def print_version(warehouse: Warehouse, version: str, json: bool) -> None:
    """Everything that is recorded of one version."""
    row = find_version(warehouse, version)
    facts = {name: _value(row[name]) for name in FACTS}
    decisions = _plain(warehouse.read(_IN_FORCE, [row["target"]]))
    mine = [entry for entry in decisions if entry["model_version"] == version]
    metrics = _plain(warehouse.read(_METRICS, [version]))
    drift = _plain(warehouse.read(_DRIFT, {"version": version}))
    scored = _plain(warehouse.read(_SCORED, [version]))[0]
    if json:
        _dump(
            {
                "model_version": version,
                **facts,
                "decisions": mine,
                "scored": scored,
                "metrics": metrics,
                "drift": drift,
            }
        )
        return
    console = Console(highlight=False)
    console.print(version, style="bold")
    for name, value in facts.items():
        console.print(f"{name.replace('_', ' '):20} {_shown(name, value)}", markup=False)
    told = "none"
    if scored["dates"]:
        told = f"{scored['dates']}, {scored['first_date']} to {scored['last_date']}"
    console.print(f"{'dates scored':20} {told}")
    _print_rows(console, "Decisions", mine)
    _print_rows(console, "Metrics", metrics)
    _print_rows(console, "Drift at the newest date it was in force", drift)


def _print_rows(console: Console, title: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        numeric = isinstance(rows[0][name], float | int)
        table.add_column(name.replace("_", " "), justify="right" if numeric else "left")
    for row in rows:
        table.add_row(*[_cell(value) for value in row.values()])
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _shown(name: str, value: Any) -> str:
    """Long lists are told by their length; --json has all of it."""
    if name == "feature_list" and value:
        names = str(value).split(",")
        return f"{len(names)} features: {', '.join(names[:4])}, ... (--json has all)"
    return "-" if value is None else str(value)


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


def _dump(document: Any) -> None:
    sys.stdout.write(json_library.dumps(document, indent=2, default=str) + "\n")
