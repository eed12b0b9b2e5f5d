"""Models against the best simple rule: verdicts, tables, curves."""

from typing import Any

import pandas as pd

from segmentry.report import words
from segmentry.report.charts import models as model_charts
from segmentry.report.read import Frames, records
from segmentry.report.sections.segments import Section
from segmentry.report.theme import Renderer
from segmentry.report.words import Words, percent

CHARTED_RULES = 4
# metric -> +1 more is better, -1 less is better, 0 nearer to zero is better
DIRECTION = {
    "auc": 1,
    "pr_auc": 1,
    "brier": -1,
    "log_loss": -1,
    "ece": -1,
    "mae": -1,
    "rmse": -1,
    "ngini": 1,
    "top_decile_share": 1,
    "aggregate_error": 0,
}


def models(frames: Frames, say: Words, draw: Renderer) -> Section:
    """Per target: verdict in words, charts, tables per test date."""
    targets = [
        t
        for t in dict.fromkeys(frames.metrics["target"])
        if set(frames.metrics.loc[frames.metrics["target"] == t, "metric"]) & {"auc", "mae"}
    ]
    gated = [sentence for row in records(frames.sufficiency) if (sentence := _gate(row, say))]
    if not targets:
        return {
            "empty": "No model has been tested: the data are too few or too short for an "
            "honest test.",
            "gated": gated,
        }
    lead = (
        "Every candidate was fitted on the past and tested on a later time that it had not "
        "seen. “Ours” was chosen without looking at the test. A simple rule stays unless a "
        "model does better."
    )
    return {
        "lead": lead,
        "gated": gated,
        "targets": [_target(name, frames, say, draw) for name in targets],
    }


def _gate(row: Any, say: Words) -> str:
    """Who has no score for want of data; empty when everybody has one."""
    if row.scored_count == row.customer_count:
        return ""
    name = say.target(row.target)
    if row.scored_count == 0:
        return (
            f"{name}: too little data to score {words.plural(row.customer_count, 'customer')}, "
            "so there is no score."
        )
    return (
        f"{name}: {words.count(row.scored_count)} of {words.plural(row.customer_count, 'customer')}"
        " have a score; of the others too little is known."
    )


def main_metric(target: str) -> str:
    """The metric that the verdict speaks of."""
    return "mae" if words.is_amount(target) else "auc"


def verdict(rows: pd.DataFrame, metric: str) -> tuple[str, float] | None:
    """(better | level | worse, gain over the rule) of the chosen candidate at one test date."""
    ours = rows[(rows["metric"] == metric) & rows["is_chosen"].fillna(False).astype(bool)]
    if ours.empty or words.missing(ours.iloc[0]["rule_value"]):
        return None
    row = ours.iloc[0]
    gain = (row["value"] - row["rule_value"]) * DIRECTION[metric]
    error = 0.0 if words.missing(row["standard_error"]) else row["standard_error"]
    word = "better" if gain > error else "worse" if gain < -error else "level"
    return word, gain


def _target(target: str, frames: Frames, say: Words, draw: Renderer) -> Section:
    rows = frames.metrics[frames.metrics["target"] == target]
    dates = sorted(rows["as_of_date"].unique())
    tests = [
        _test(rows[rows["as_of_date"] == date], date, main_metric(target))
        for date in reversed(dates)
    ]
    newest = rows[rows["as_of_date"] == dates[-1]]
    curves = frames.curves[
        (frames.curves["target"] == target) & frames.curves["as_of_date"].isin([dates[-1]])
    ]
    return {
        "id": target,
        "name": say.target(target),
        "sentence": _sentence(newest, target),
        "decision": _decision(frames.versions, target),
        "shuffled": _shuffled(frames.random_splits, target),
        "tests": tests,
        "figures": _figures(target, newest, curves, draw),
    }


def _sentence(rows: pd.DataFrame, target: str) -> str:
    """Ours against the rule in the main metric, and in Brier score for probabilities."""
    metric = main_metric(target)
    result = verdict(rows, metric)
    if result is None:
        return ""
    endings = {
        "better": "better by more than a standard error",
        "level": "level with the rule within a standard error",
        "worse": "worse than the rule by more than a standard error",
    }
    ours = rows[rows["is_chosen"].fillna(False).astype(bool)]
    text = f"{words.humanise(str(ours['candidate'].iloc[0]))}: {_compared(ours, metric)}, "
    text += endings[result[0]]
    brier = _compared(ours, "brier")
    return f"{text}. {brier}." if brier else f"{text}."


def _compared(ours: pd.DataFrame, metric: str) -> str:
    rows = ours[ours["metric"] == metric]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    error = (
        "" if words.missing(row["standard_error"]) else f" ± {figure_text(row['standard_error'])}"
    )
    return (
        f"{words.humanise(metric)} {figure_text(row['value'])}{error} against "
        f"{figure_text(row['rule_value'])} of the best simple rule"
    )


def _decision(versions: pd.DataFrame, target: str) -> str:
    """What was decided about the newest model, and why."""
    rows = records(versions[versions["target"] == target])
    if not rows or words.missing(rows[0].reason):
        return ""
    row = rows[0]
    verb = "taken into use" if row.is_promoted is True else "kept out"
    model = "No model" if words.missing(row.candidate) else words.humanise(row.candidate)
    return f"{model} was {verb} on {words.day(row.trained_as_of)}: {row.reason.rstrip('.')}."


def _shuffled(splits: pd.DataFrame, target: str) -> str:
    """What a random split would have promised, beside the test in time."""
    rows = splits[(splits["target"] == target) & (splits["metric"] == main_metric(target))]
    if rows.empty:
        return ""
    row = records(rows)[-1]
    return (
        f"A random split of the same rows would have promised "
        f"{words.humanise(row.metric)} {figure_text(row.random_value)} for "
        f"{words.humanise(row.candidate)}; in time order it was {figure_text(row.time_value)}."
    )


def _test(rows: pd.DataFrame, date: Any, ranked_by: str) -> Section:
    metrics = [m for m in DIRECTION if m in set(rows["metric"])]
    value = rows.pivot_table(index="candidate", columns="metric", values="value")
    error = rows.pivot_table(index="candidate", columns="metric", values="standard_error")
    if ranked_by in value.columns:
        value = value.sort_values(ranked_by, ascending=DIRECTION[ranked_by] < 0)
    chosen = set(rows.loc[rows["is_chosen"].fillna(False).astype(bool), "candidate"])
    best = {m: _best(value[m], DIRECTION[m]) for m in metrics}
    lines: list[Section] = []
    for name, row in value.iterrows():
        cells = [
            {"text": figure_text(row[m]), "best": name == best[m], "error": _error(error, name, m)}
            for m in metrics
        ]
        lines.append({"name": words.humanise(str(name)), "chosen": name in chosen, "cells": cells})
    rules = rows.groupby("metric")["rule_value"].first()
    rule_line = [figure_text(rules.get(m)) for m in metrics]
    shown = any([cell["text"] for cell in line["cells"]] == rule_line for line in lines)
    base = rows.loc[rows["metric"] == "base_rate", "value"]
    note = f"{words.plural(rows['customer_count'].max(), 'customer')}"
    if not base.empty:
        note += f"; it came true for {percent(base.iloc[0])} of them"
    return {
        "date": words.day(pd.Timestamp(date)),
        "columns": [words.humanise(m) for m in metrics],
        "lines": sorted(lines, key=lambda line: not line["chosen"]),
        "rule_line": None if shown else rule_line,
        "note": note,
    }


def _best(values: pd.Series, direction: int) -> Any:
    """The index of the best figure: the one nearest zero where neither direction is better."""
    key = -values.abs() if direction == 0 else values * direction
    return key.idxmax() if values.notna().any() else None


def _error(errors: pd.DataFrame, name: Any, metric: str) -> str:
    if metric not in errors.columns or name not in errors.index:
        return ""
    value = errors.loc[name, metric]
    return "" if words.missing(value) else f"± {figure_text(value)}"


def figure_text(value: Any) -> str:
    """Four decimals below one, as the field prints AUC and Brier; else three digits."""
    if words.missing(value):
        return "–"
    number = float(value)
    return (f"{number:.4f}" if abs(number) < 1.5 else f"{number:,.1f}").replace("-", "−")


def _figures(target: str, rows: pd.DataFrame, curves: pd.DataFrame, draw: Renderer) -> list[Any]:
    figures = [_dots(rows[rows["metric"] == main_metric(target)], main_metric(target), draw)]
    gain = curves[curves["curve"] == "gain"]
    if not gain.empty:
        captured = "Share of spend" if words.is_amount(target) else "Share of the cases"
        figures.append(
            draw.small(
                model_charts.gain_curve(_gain(gain), captured),
                f"Gain curve: {captured.lower()} among the customers ranked first",
                "Gain: how much the best-ranked customers hold. Full line: ours; dashed: the rule.",
            )
        )
    calibration = curves[curves["curve"] == "calibration"].dropna(subset=["predicted", "observed"])
    if not calibration.empty:
        figures.append(
            draw.small(
                model_charts.calibration_curve(
                    calibration[["predicted", "observed", "is_chosen"]], words.is_amount(target)
                ),
                "Calibration: observed against predicted, by tenth of the customers",
                "Calibration: on the grey diagonal, what was said is what happened.",
            )
        )
    return figures


def _dots(rows: pd.DataFrame, metric: str, draw: Renderer) -> Any:
    # Far from the others, the constant and the weak rules would press them together.
    rows = rows[rows["candidate"] != "constant"]
    rules = rows["candidate"].str.startswith("rule_")
    ranked = (rows["value"] * -DIRECTION[metric]).where(rules).rank(method="first")
    rows = rows[~rules | (ranked <= CHARTED_RULES) | rows["is_chosen"].fillna(False).astype(bool)]
    if rows.empty:
        return None
    error = rows["standard_error"].fillna(0)
    dots = rows.assign(
        name=rows["candidate"].map(words.humanise),
        low=rows["value"] - error,
        high=rows["value"] + error,
        is_chosen=rows["is_chosen"].fillna(False).astype(bool),
        rule_value=rows["rule_value"].fillna(rows["value"]),
    ).sort_values("value", ascending=DIRECTION[metric] < 0)
    better = "more" if DIRECTION[metric] > 0 else "less"
    title = f"{words.humanise(metric)} ({better} is better)"
    return draw.small(
        model_charts.metric_dots(
            dots[["name", "value", "low", "high", "is_chosen", "rule_value"]], title
        ),
        f"{title} of the models and the best rules",
        "Models and the best rules, with one standard error where it is known; dashed: the best "
        "rule.",
    )


def _gain(curve: pd.DataFrame) -> pd.DataFrame:
    """The points of the gain curves, the origin first, whether or not it is stored."""
    lines = curve.sort_values(["candidate", "bin"])[["is_chosen", "predicted", "observed"]]
    origin = lines.drop_duplicates("is_chosen").assign(predicted=0.0, observed=0.0)
    return (
        pd.concat([origin, lines], ignore_index=True)
        .drop_duplicates()
        .rename(columns={"predicted": "share"})
    )
