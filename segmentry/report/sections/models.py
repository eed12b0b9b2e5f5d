"""Models against the best simple rule: verdicts, tables, curves."""

from typing import Any

import pandas as pd

from data_contracts.wording.candidates import candidate_heading, candidate_words
from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import MAIN, TARGET_METRICS, metric_heading, metric_words
from data_contracts.wording.names import capitalised
from data_contracts.wording.numbers import (
    count,
    error_of,
    measure,
    missing,
    percent,
    plural,
    with_error,
)
from segmentry.report.charts.model_figures import model_figures
from segmentry.report.page import Page, Section, is_true, records

PAGE = "models"
LABEL = "Model quality"
TITLE = "Model quality against the rules"

METRICS = """
    select target, as_of_date, candidate, is_chosen, metric, value, standard_error, rule_value,
        customer_count
    from models.model_metrics where split in ('test', 'selection') or candidate is null
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target, as_of_date, candidate, metric
"""
CURVES = """
    select target, as_of_date, candidate, is_chosen, curve, bin, predicted, observed
    from models.model_curves
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target, as_of_date, curve, candidate, bin
"""
# What was decided when the newest models were trained.
VERSIONS = """
    select target, candidate, reason, is_promoted, trained_as_of from models.model_versions
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target
"""
SUFFICIENCY = """
    select target, count(*) filter (sufficiency = 'ok') as scored_count,
        count(*) as customer_count, mode(sufficiency_reason) as reason
    from models.customer_scores where as_of_date = cast($as_of as date)
    group by target order by target
"""

VERDICT_WORDS = {
    "better": "better than the rule by more than a standard error",
    "level": "level with the rule within a standard error",
    "worse": "worse than the rule by more than a standard error",
}
BADGES = {
    "better": "better than the rule",
    "level": "level with the rule",
    "worse": "worse than the rule",
    None: "not compared",
}


def section(page: Page) -> Section:
    """Per target: verdict in words, charts, tables per test date."""
    metrics = metrics_of_targets(page)
    gated = [
        sentence
        for row in records(page.read_by_target(SUFFICIENCY))
        if (sentence := _gate(row, page))
    ]
    gated_line = (
        f"{plural(len(gated), 'prediction leaves', 'predictions leave')} some customers out"
    )
    if metrics.empty:
        return {
            "empty": "No model has been tested: the data are too few or too short for an "
            "honest test.",
            "gated": gated,
            "gated_line": gated_line,
        }
    curves, versions = page.read(CURVES), page.read(VERSIONS)
    blocks = [
        _target(
            str(target),
            rows,
            curves[curves["target"] == target],
            versions[versions["target"] == target],
            page,
        )
        for target, rows in metrics.groupby("target", sort=True)
    ]
    return {
        "lead": "Every candidate was fitted on the past and tested on a later time that it had not "
        "seen. “Ours” was chosen without looking at the test. A simple rule stays unless a "
        "model does better.",
        "gated": gated,
        "gated_line": gated_line,
        "targets": blocks,
        "cards": page.cards,
    }


def metrics_of_targets(page: Page) -> pd.DataFrame:
    """The newest tests of the project's targets, of those that have their main metric."""
    rows = page.read_by_target(METRICS)
    main = rows["target"].map({name: MAIN[target.kind] for name, target in page.targets.items()})
    return rows[rows["target"].isin(rows.loc[rows["metric"] == main, "target"])]


def verdict(rows: pd.DataFrame, metric: str) -> str | None:
    """Whether the chosen candidate is better than, level with or worse than the rule at one date.

    None where there is nothing to compare.
    """
    ours = rows[(rows["metric"] == metric) & is_true(rows["is_chosen"])]
    if ours.empty or missing(ours.iloc[0]["rule_value"]):
        return None
    row = ours.iloc[0]
    gain = (row["value"] - row["rule_value"]) * TARGET_METRICS[metric].better
    error = 0.0 if missing(row["standard_error"]) else row["standard_error"]
    return "better" if gain > error else "worse" if gain < -error else "level"


def _gate(row: Any, page: Page) -> str:
    """Who has no score; empty when everybody has one."""
    if row.scored_count == row.customer_count:
        return ""
    reason = "too little is known" if missing(row.reason) else row.reason
    scored = count(row.scored_count) if row.scored_count else "None"
    return (
        f"{page.question(row.target)} {scored} of {plural(row.customer_count, 'customer')} "
        f"{'has' if row.scored_count <= 1 else 'have'} a score: {reason}."
    )


def _target(
    target: str,
    rows: pd.DataFrame,
    curves: pd.DataFrame,
    versions: pd.DataFrame,
    page: Page,
) -> Section:
    kind, unit = page.kind(target), page.unit(target)
    dates = sorted(rows["as_of_date"].unique())
    newest = rows[rows["as_of_date"] == dates[-1]]
    return {
        "id": target,
        "name": page.question(target),
        "sentence": _sentence(newest, MAIN[kind]),
        "verdict": verdict(newest, MAIN[kind]) or "",
        "verdict_words": BADGES[verdict(newest, MAIN[kind])],
        "decision": _decision(versions, newest),
        "tests": [
            _test(rows[rows["as_of_date"] == date], MAIN[kind], unit) for date in reversed(dates)
        ],
        "figures": model_figures(target, newest, curves[curves["as_of_date"] == dates[-1]], page),
    }


def _sentence(rows: pd.DataFrame, metric: str) -> str:
    """Ours against the rule in the main metric, and in Brier score for probabilities."""
    result = verdict(rows, metric)
    if result is None:
        return ""
    ours = rows[is_true(rows["is_chosen"])]
    name = capitalised(candidate_words(str(ours["candidate"].iloc[0])))
    when = day_words(rows["as_of_date"].iloc[0])
    brier = _compared(ours, "brier")
    return (
        f"{name}, chosen on earlier dates, was tested from {when}: {_compared(ours, metric)}, "
        f"{VERDICT_WORDS[result]}." + (f" {capitalised(brier)}." if brier else "")
    )


def _compared(ours: pd.DataFrame, metric: str) -> str:
    rows = ours[ours["metric"] == metric]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    return (
        f"{metric_words(metric)} {with_error(row['value'], row['standard_error'])} against "
        f"{measure(row['rule_value'])} of the best simple rule"
    )


def _decision(versions: pd.DataFrame, tested: pd.DataFrame) -> str:
    """What was decided about the newest model, and why; it may be another than was tested."""
    if versions.empty or missing(versions["reason"].iloc[0]):
        return ""
    row = versions.iloc[0]
    when, reason = day_words(row["trained_as_of"]), row["reason"].rstrip(".")
    if missing(row["candidate"]):
        return f"No model was trained on {when}: {reason}."
    ours = tested.loc[is_true(tested["is_chosen"]), "candidate"].unique()
    name = capitalised(candidate_words(row["candidate"]))
    if row["candidate"] not in ours:
        name += ", which did best in the newest test,"
    verb = "taken into use" if bool(is_true(versions["is_promoted"]).iloc[0]) else "kept out"
    return f"{name} was trained on {when} and {verb}: {reason}."


def _test(rows: pd.DataFrame, ranked_by: str, unit: str) -> Section:
    metrics = [m for m in TARGET_METRICS if m in set(rows["metric"])]
    value = rows.pivot_table(index="candidate", columns="metric", values="value")
    error = rows.pivot_table(index="candidate", columns="metric", values="standard_error")
    value = value.sort_values(ranked_by, ascending=TARGET_METRICS[ranked_by].better < 0)
    chosen = set(rows.loc[is_true(rows["is_chosen"]), "candidate"])
    best = {m: _best(value[m], TARGET_METRICS[m].better) for m in metrics}
    errors = error.reindex(index=value.index, columns=value.columns).to_dict("index")
    lines: list[Section] = [
        {
            "name": candidate_heading(str(name)),
            "chosen": name in chosen,
            "cells": [
                {
                    "text": measure(cells[m]),
                    "best": name == best[m],
                    "error": error_of(cells[m], errors[name][m]),
                }
                for m in metrics
            ],
        }
        for name, cells in value.to_dict("index").items()
    ]
    rules = rows.groupby("metric")["rule_value"].first()
    rule_line = [measure(rules.get(m)) for m in metrics]
    shown = any([cell["text"] for cell in line["cells"]] == rule_line for line in lines)
    base = rows.loc[rows["metric"] == "base_rate", "value"]
    note = plural(rows["customer_count"].max(), "customer")
    if not base.empty:
        note += f"; for {percent(base.iloc[0])} of them the answer was yes"
    return {
        "date": day_words(rows["as_of_date"].iloc[0]),
        "columns": [metric_heading(m, unit) for m in metrics],
        "lines": sorted(lines, key=lambda line: not line["chosen"]),
        "rule_line": None if shown else rule_line,
        "note": note,
    }


def _best(values: "pd.Series[Any]", direction: int) -> Any:
    """The index of the best figure: the one nearest zero where neither direction is better."""
    key = -values.abs() if direction == 0 else values * direction
    return key.idxmax() if values.notna().any() else None
