"""What `segmentry models list` and `show` print."""

import json as json_library
import sys
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
    shown = ("model_version", "candidate", "trained_as_of", "state")
    lines: list[tuple[str, ...]] = [("version", "kind", "trained", "state")]
    lines += [tuple(str(row[name] or "-") for name in shown) for row in _plain(rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(shown))]
    for line in lines:
        padded = "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        sys.stdout.write(padded.rstrip() + "\n")


def _states(warehouse: Warehouse, rows: pd.DataFrame) -> list[str]:
    """in force from a date, former, kept out, or no model."""
    found: dict[str, str] = {}
    for target in sorted(set(rows["target"])):
        decisions = warehouse.read(_IN_FORCE, [target])
        found |= dict.fromkeys(decisions["model_version"].dropna(), "former")
        if decisions.empty:
            continue
        last = pd.Timestamp(decisions["effective_from"].max()).date()
        champion = champion_at(warehouse, target, last, digest_for(target))
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
    facts["parameters"] = json_library.loads(facts["parameters"] or "null")
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
    lines = [version, *_fact_lines(facts), _scored_line(scored)]
    for title, told in (
        ("decisions", [_decision_line(entry) for entry in mine]),
        ("quality", _metric_lines(metrics)),
        ("drift, at the newest date it was in force", [_drift_line(row) for row in drift]),
    ):
        lines += ["", title, *[f"  {line}" for line in told or ["none"]]]
    sys.stdout.write("\n".join(lines) + "\n")


def _fact_lines(facts: dict[str, Any]) -> list[str]:
    """One line per fact; of long lists their length, since --json has all of it."""
    shown = dict(facts)
    names = str(facts["feature_list"] or "").split(",")
    shown["feature_list"] = f"{len(names)} features: {', '.join(names[:4])}, ..."
    kept = {
        key: f"{len(value)} entries" if isinstance(value, dict | list) and len(value) > 6 else value
        for key, value in (facts["parameters"] or {}).items()
    }
    shown["parameters"] = ", ".join(f"{key}: {value}" for key, value in kept.items())
    return [
        f"  {name.replace('_', ' '):20} {'-' if value is None else value}"
        for name, value in shown.items()
    ]


def _scored_line(scored: dict[str, Any]) -> str:
    told = "none"
    if scored["dates"]:
        told = f"{scored['dates']}, {scored['first_date']} to {scored['last_date']}"
    return f"  {'dates scored':20} {told}"


def _decision_line(entry: dict[str, Any]) -> str:
    who = "" if entry["action"] == entry["decided_by"] else f" by {entry['decided_by']}"
    return f"{entry['effective_from']} {entry['action']}{who}: {entry['reason']}"


def _metric_lines(metrics: list[dict[str, Any]]) -> list[str]:
    """One line per split and date: each metric, with the best rule's in brackets."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in metrics:
        groups.setdefault((row["split"], row["as_of_date"]), []).append(row)
    return [
        f"{split:10} {day}  {rows[0]['customer_count']:,} customers: "
        + ", ".join(_metric_text(row) for row in rows)
        for (split, day), rows in groups.items()
    ]


def _metric_text(row: dict[str, Any]) -> str:
    rule = "" if row["rule_value"] is None else f" ({row['rule_value']:.4g})"
    return f"{row['metric']} {row['value']:.4g}{rule}"


def _drift_line(row: dict[str, Any]) -> str:
    return (
        f"{row['as_of_date']} {row['verdict']}: {row['drift_subject']} {row['drift_name']}: "
        f"{row['metric']} {row['value']:.3g}, limit {row['drift_limit']:.3g}"
    )


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
