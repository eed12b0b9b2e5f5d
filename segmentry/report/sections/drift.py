"""What moved since training, and how good past scores proved to be, over time."""

import math
from typing import Any

import altair as alt
import pandas as pd

from segmentry.report import theme, words
from segmentry.report.read import Frames, records
from segmentry.report.sections.models import figure_text
from segmentry.report.sections.segments import Section
from segmentry.report.theme import Renderer
from segmentry.report.words import Words, count, percent

LISTED = 15
LISTED_DATES = 6
# What is told of a score whose window has passed: the first of each that is there.
MAIN = ("auc", "ngini", "mae")
_WHAT = {
    ("score", "psi"): "distribution of the scores",
    ("cluster", "psi"): "shares of the clusters",
    ("outcome", "aggregate_error"): "scores added up, over what happened",
    ("outcome", "log_odds_change"): "odds of the outcome",
    ("outcome", "log_mean_change"): "mean outcome",
}
COLUMNS = ["Model", "What", "Moved by", "Limit", "Verdict", "Since training on"]
OUTCOME_COLUMNS = [
    "Scores",
    "Given out on",
    "Customers",
    "Measure",
    "Value",
    "Total against actual",
]


def drift(frames: Frames, say: Words, draw: Renderer) -> Section:
    """Verdicts at the newest date, the drifted ones first; scores against outcomes over time."""
    rows = frames.drift
    matured = frames.matured
    if rows.empty and matured.empty:
        return {"empty": "Nothing has been compared with the training of a model yet."}
    verdicts = rows["verdict"].value_counts()
    drifted, unsure = (int(verdicts.get(word, 0)) for word in ("drifted", "watch"))
    lead = (
        f"{words.plural(len(rows), 'measure')} of features, scores, outcomes and clusters were "
        f"compared with what the models in force were trained on: {count(drifted)} drifted, and of "
        f"{count(unsure)} the data cannot tell. The verdict is by the size of the change, whatever "
        "the number of customers."
    )
    shown = rows[rows["verdict"] != "ok"]
    listed = [_row(row, say) for row in records(shown.head(LISTED))]
    more = len(shown) - len(listed)
    return {
        "lead": lead,
        "columns": COLUMNS,
        "rows": listed,
        "more": f"and {count(more)} more in models.drift" if more > 0 else "",
        "outcome_columns": OUTCOME_COLUMNS,
        "outcomes": [line for _, part in _by_target(matured) for line in _outcomes(part, say)],
        "figures": [
            figure for _, part in _by_target(matured) if (figure := _level(part, say, draw))
        ],
    }


def _by_target(matured: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(name), part) for name, part in matured.groupby("target", sort=True)]


def _row(row: Any, say: Words) -> list[str]:
    what = _WHAT.get((row.drift_subject, row.metric)) or say.feature(row.drift_name)
    moved, limit = _sizes(row.metric, row.value, row.drift_limit)
    verdict = "drifted" if row.verdict == "drifted" else "cannot tell"
    return [say.target(row.target), what, moved, limit, verdict, words.day(row.reference_date)]


def _sizes(metric: str, value: float, limit: float) -> tuple[str, str]:
    """A measure and its limit, in the field's own words or as shares."""
    if metric == "psi":
        return f"PSI {value:.2f}", f"PSI {limit:.2f}"
    if metric == "aggregate_error":
        return _signed(value), f"{_signed(limit)} or {_signed(-limit)}"
    up, down = math.expm1(limit), math.expm1(-limit)
    return _signed(math.expm1(value)), f"{_signed(up)} or {_signed(down)}"


def _signed(share: Any) -> str:
    return f"{'+' if share > 0 else ''}{percent(share)}"


def _outcomes(part: pd.DataFrame, say: Words) -> list[list[str]]:
    """The newest dates of one target, newest first."""
    lines = []
    for _, rows in sorted(part.groupby("as_of_date"), reverse=True)[:LISTED_DATES]:
        values = rows.drop_duplicates("metric").set_index("metric")
        main = next((name for name in MAIN if name in values.index), None)
        level = ""
        if "aggregate_error" in values.index:
            found = values.loc["aggregate_error"]
            error = found["standard_error"]
            doubt = "" if words.missing(error) else f" ± {percent(error)}"
            level = _signed(found["value"]) + doubt
        lines.append(
            [
                say.target(str(rows["target"].iloc[0])),
                words.day(rows["as_of_date"].iloc[0]),
                count(rows["customer_count"].max()),
                words.humanise(main) if main else "",
                figure_text(values.loc[main, "value"]) if main else "",
                level,
            ]
        )
    return lines


def _level(part: pd.DataFrame, say: Words, draw: Renderer) -> Any:
    """Total error of past scores by the date they were given out, once there are three."""
    rows = part[part["metric"] == "aggregate_error"].sort_values("as_of_date")
    if len(rows) < 3:
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
    name = say.target(str(part["target"].iloc[0]))
    return draw.small(
        level_chart(points),
        f"{name}: total of past scores over what happened",
        f"{name}: what scores added up to over what happened, less one, by the date they were "
        "given out, with one standard error; dashed: 5% either way.",
    )


def level_chart(points: pd.DataFrame) -> Any:
    """Total error over time (columns: day, value, low, high)."""
    percents = alt.Axis(format=".0%", tickCount=4)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=4))
    base = alt.Chart(points)
    bars = base.mark_rule(color="var(--muted)").encode(
        x=x, y=alt.Y("low:Q", title=None, axis=percents), y2="high:Q"
    )
    dots = base.mark_point(filled=True, size=60, color="var(--c1)", opacity=1).encode(
        x=x, y=alt.Y("value:Q", title=None, axis=percents)
    )
    limits = (
        alt.Chart(pd.DataFrame({"limit": [-0.05, 0.05]}))
        .mark_rule(color="var(--c2)", strokeDash=[4, 3])
        .encode(y="limit:Q")
    )
    return (limits + bars + dots).properties(width=theme.SMALL - 64, height=170)
