"""Stored models on a terminal: what `segmentry models list` and `show` print."""

import json as json_library
import sys
from typing import Any

from data_contracts.wording.numbers import count
from segmentry.models.listing import VersionRecord

SHOWN = ("model_version", "candidate", "trained_as_of", "state")
HEADERS = ("version", "kind", "trained", "state")


def print_versions(rows: list[dict[str, Any]]) -> None:
    """One line a version."""
    lines = [HEADERS, *(tuple(str(row[name] or "-") for name in SHOWN) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
        sys.stdout.write(padded.rstrip() + "\n")


def print_version(one: VersionRecord) -> None:
    """One version in full."""
    lines = [one.model_version, *_fact_lines(one.facts), _scored_line(one.scored)]
    for title, entries in (
        ("decisions", [_decision_line(entry) for entry in one.decisions]),
        ("quality", _metric_lines(one.metrics)),
        ("drift, at the newest date it was in force", [_drift_line(row) for row in one.drift]),
    ):
        lines += ["", title, *[f"  {line}" for line in entries or ["none"]]]
    sys.stdout.write("\n".join(lines) + "\n")


def print_versions_json(rows: list[dict[str, Any]]) -> None:
    """The same for a script."""
    _dump(rows)


def print_version_json(one: VersionRecord) -> None:
    """The same for a script."""
    _dump(
        {
            "model_version": one.model_version,
            **one.facts,
            "decisions": one.decisions,
            "scored": one.scored,
            "metrics": one.metrics,
            "drift": one.drift,
        }
    )


def _fact_lines(facts: dict[str, Any]) -> list[str]:
    """One line per fact; of long lists their length, since --json has all of it."""
    shown = dict(facts)
    names = str(facts["feature_list"] or "").split(",")
    shown["feature_list"] = f"{len(names)} features: {', '.join(names[:4])}, ..."
    parameters = {
        key: f"{len(value)} entries" if isinstance(value, dict | list) and len(value) > 6 else value
        for key, value in (facts["parameters"] or {}).items()
    }
    shown["parameters"] = ", ".join(f"{key}: {value}" for key, value in parameters.items())
    return [
        f"  {name.replace('_', ' '):20} {'-' if value is None else value}"
        for name, value in shown.items()
    ]


def _scored_line(scored: dict[str, Any]) -> str:
    dates = "none"
    if scored["dates"]:
        dates = f"{scored['dates']}, {scored['first_date']} to {scored['last_date']}"
    return f"  {'dates scored':20} {dates}"


def _decision_line(entry: dict[str, Any]) -> str:
    who = "" if entry["action"] == entry["decided_by"] else f" by {entry['decided_by']}"
    return f"{entry['effective_from']} {entry['action']}{who}: {entry['reason']}"


def _metric_lines(metrics: list[dict[str, Any]]) -> list[str]:
    """One line per split and date: each metric, with the best rule's in brackets."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in metrics:
        groups.setdefault((row["split"], row["as_of_date"]), []).append(row)
    return [
        f"{split:10} {day}  {count(rows[0]['customer_count'])} customers: "
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


def _dump(document: Any) -> None:
    sys.stdout.write(json_library.dumps(document, indent=2, default=str) + "\n")
