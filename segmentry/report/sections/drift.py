"""What moved since training, and how good past scores proved to be, over time."""

import math
from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.metrics import metric_heading
from data_contracts.wording.numbers import count, fixed, measure, missing, percent, plural
from data_contracts.wording.numbers import signed_percent as signed
from segmentry.project.vocabulary import CLUSTERINGS
from segmentry.report.charts import models as charts
from segmentry.report.page import Page, Section, records

PAGE = "models"
LABEL = "Drift"
TITLE = "Drift, and scores against outcomes"

DRIFT = """
    select * from models.drift where as_of_date = (select max(as_of_date) from models.drift)
    order by verdict <> 'drifted', drift_subject = 'feature', importance desc, target, drift_name
"""
# Every score that was given and whose window has passed.
MATURED = """
    select * from models.model_metrics where split = 'matured'
    order by target, as_of_date, model_version desc, metric
"""

LISTED = 15
LISTED_DATES = 6
LEAST_DATES = 3
# Of a score whose window has passed: the first of these that is there.
MAIN = ("auc", "ngini", "mae")
WHAT = {
    ("score", "psi"): "distribution of the scores",
    ("cluster", "psi"): "shares of the clusters",
    ("outcome", "aggregate_error"): "total of the scores over what happened",
    ("outcome", "log_odds_change"): "odds of the outcome",
    ("outcome", "log_mean_change"): "mean outcome",
}
COLUMNS = ["Model", "What", "Moved by", "Limit", "Verdict", "Since training on"]
OUTCOME_COLUMNS = ["Scores", "Date", "Customers", "Measure", "Value", "Total against actual"]


def section(page: Page) -> Section:
    """Verdicts at the newest date, the drifted ones first; scores against outcomes over time."""
    rows = page.read(DRIFT)
    rows = rows[rows["target"].isin([*page.targets, *CLUSTERINGS])]
    matured = page.read_by_target(MATURED)
    if rows.empty and matured.empty:
        return {"empty": "Nothing has been compared with the training of a model yet."}
    verdicts = rows["verdict"].value_counts()
    shown = rows[rows["verdict"] != "ok"]
    more = len(shown) - LISTED
    parts = [(str(name), part) for name, part in matured.groupby("target", sort=True)]
    return {
        "lead": f"{plural(len(rows), 'measure')} of features, scores, outcomes and clusters were "
        "compared with what the models in force were trained on. "
        f"{count(verdicts.get('drifted', 0))} drifted; for {count(verdicts.get('watch', 0))} the "
        "data cannot tell. The size of the change decides, whatever the number of customers.",
        "columns": COLUMNS,
        "rows": [_row(row, page) for row in records(shown.head(LISTED))],
        "more": f"and {count(more)} more in models.drift" if more > 0 else "",
        "outcome_columns": OUTCOME_COLUMNS,
        "outcomes": [line for name, part in parts for line in _outcomes(name, part, page)],
        "figures": [figure for name, part in parts if (figure := _level(name, part, page))],
    }


def _row(row: Any, page: Page) -> list[str]:
    what = WHAT.get((row.drift_subject, row.metric)) or page.feature(row.drift_name)
    moved, limit = _sizes(row.metric, row.value, row.drift_limit)
    verdict = "drifted" if row.verdict == "drifted" else "cannot tell"
    return [page.subject(row.target), what, moved, limit, verdict, day_words(row.reference_date)]


def _sizes(metric: str, value: float, limit: float) -> tuple[str, str]:
    """A measure and its limit, in the field's own words or as shares."""
    if metric == "psi":
        return f"PSI {fixed(value, 2)}", f"PSI {fixed(limit, 2)}"
    if metric == "aggregate_error":
        return signed(value), f"{signed(limit)} or {signed(-limit)}"
    up, down = math.expm1(limit), math.expm1(-limit)
    return signed(math.expm1(value)), f"{signed(up)} or {signed(down)}"


def _outcomes(target: str, part: pd.DataFrame, page: Page) -> list[list[str]]:
    """The newest dates of one target, newest first."""
    lines = []
    for _, rows in sorted(part.groupby("as_of_date"), reverse=True)[:LISTED_DATES]:
        values = rows.drop_duplicates("metric").set_index("metric")
        main = next((name for name in MAIN if name in values.index), None)
        level = ""
        if "aggregate_error" in values.index:
            total = values.loc["aggregate_error"]
            error = total["standard_error"]
            level = signed(total["value"]) + ("" if missing(error) else f" ± {percent(error)}")
        lines.append(
            [
                page.question(target),
                day_words(rows["as_of_date"].iloc[0]),
                count(rows["customer_count"].max()),
                metric_heading(main, page.unit(target)) if main else "",
                measure(values.loc[main, "value"]) if main else "",
                level,
            ]
        )
    return lines


def _level(target: str, part: pd.DataFrame, page: Page) -> Any:
    """Total error of past scores by their date, once there are three."""
    rows = part[part["metric"] == "aggregate_error"].sort_values("as_of_date")
    if len(rows) < LEAST_DATES:
        return None
    error = rows["standard_error"].fillna(0.0)
    points = pd.DataFrame(
        {
            "day": pd.to_datetime(rows["as_of_date"]),
            "value": rows["value"],
            "low": rows["value"] - error,
            "high": rows["value"] + error,
        }
    )
    question = page.question(target)
    return page.draw.small(
        charts.level_chart(points),
        f"{question} Total of past scores over what happened",
        f"{question} The total of the scores over what happened, less one, by the date of the "
        "scores, with one standard error; dashed: 5% either way.",
    )
