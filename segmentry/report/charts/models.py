"""Charts of model quality: candidates against the rule, gain, calibration, level over time."""

from typing import Any

import altair as alt
import pandas as pd

from data_contracts.definitions.target import Kind
from segmentry.report import theme
from segmentry.report.charts.figures import fit_labels, names_axis, row_step

_HEIGHT = 190
_DOTS = alt.Color(
    "is_chosen:N",
    legend=None,
    scale=alt.Scale(domain=[True, False], range=["var(--c1)", "var(--muted)"]),
)
# How the values of each kind of target are written on an axis.
_LABELS: dict[Kind, str] = {
    "probability": "format(datum.value, '.0%')",
    "amount": theme.SHORT_NUMBER,
    "count": "format(datum.value, '~g')",
    "time": "format(datum.value, '~g')",
}
# ours: a full line in the first colour; the rule: dashed, in the second
_SERIES = alt.Color(
    "is_chosen:N",
    legend=None,
    scale=alt.Scale(domain=[True, False], range=["var(--c1)", "var(--c2)"]),
)
_DASH = alt.StrokeDash(
    "is_chosen:N", legend=None, scale=alt.Scale(domain=[True, False], range=[[1, 0], [4, 3]])
)


def metric_dots(rows: pd.DataFrame, title: str) -> Any:
    """One metric of every candidate with one standard error, and the best rule as a line.

    `rows` has name, value, low, high, is_chosen, rule_value, in the order to draw.
    """
    labels, pixels = fit_labels(rows["name"], 150)
    rows = rows.assign(row=labels)
    low, high = rows[["low", "rule_value"]].min().min(), rows[["high", "rule_value"]].max().max()
    gap = max((high - low) * 0.15, abs(high) * 1e-3, 1e-9)
    scale = alt.Scale(domain=[low - gap, high + gap], nice=False, zero=False)
    names = names_axis(pixels, labels.tolist())
    x = alt.X(
        "value:Q",
        scale=scale,
        title=title,
        axis=alt.Axis(tickCount=3, labelFlush=False, labelSeparation=10),
    )
    base = alt.Chart(rows)
    bars = base.mark_rule(strokeWidth=2).encode(
        y=names, x=alt.X("low:Q", scale=scale, title=title), x2=alt.X2("high:Q"), color=_DOTS
    )
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(y=names, x=x, color=_DOTS)
    rule = (
        alt.Chart(rows.head(1))
        .mark_rule(color="var(--c2)", strokeDash=[4, 3], strokeWidth=1.5)
        .encode(x=alt.X("rule_value:Q", scale=scale, title=title))
    )
    return (rule + bars + dots).properties(
        width=theme.SMALL - 20 - pixels,
        height=alt.Step(row_step(labels, max(24, (_HEIGHT - 4) // max(len(labels), 1)))),
    )


def gain_curve(rows: pd.DataFrame, captured: str) -> Any:
    """Share captured by the customers ranked first (columns: share, observed, is_chosen)."""
    even = pd.DataFrame({"share": [0, 1], "observed": [0, 1]})
    axis = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    diagonal = (
        alt.Chart(even)
        .mark_line(color="var(--rule)", strokeWidth=1.5)
        .encode(x=alt.X("share:Q"), y=alt.Y("observed:Q"))
    )
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("share:Q", title="Customers, best scores first", axis=axis),
            y=alt.Y("observed:Q", title=captured, axis=axis),
            color=_SERIES,
            strokeDash=_DASH,
        )
    )
    return (diagonal + lines).properties(width=theme.SMALL - 64, height=_HEIGHT)


def calibration_curve(rows: pd.DataFrame, kind: Kind, unit: str) -> Any:
    """Observed against predicted per tenth (columns: predicted, observed, is_chosen).

    kind, unit: of the target; axes are in that unit, and in percent for chances.
    """
    top = float(rows[["predicted", "observed"]].max().max()) * 1.05 or 1.0
    low = min(0.0, float(rows[["predicted", "observed"]].min().min()))
    # Amounts are skewed: a square root keeps the many small customers visible.
    scale = alt.Scale(domain=[low, top], nice=False, type="sqrt" if kind == "amount" else "linear")
    axis = alt.Axis(tickCount=4, labelSeparation=10, labelExpr=_LABELS[kind])
    predicted, observed = (
        f"{side}, {unit}" if unit else side for side in ("Predicted", "Observed")
    )
    ideal = pd.DataFrame({"predicted": [low, top], "observed": [low, top]})
    diagonal = (
        alt.Chart(ideal)
        .mark_line(color="var(--rule)", strokeWidth=1.5)
        .encode(x=alt.X("predicted:Q"), y=alt.Y("observed:Q"))
    )
    base = alt.Chart(rows).encode(
        x=alt.X("predicted:Q", title=predicted, axis=axis, scale=scale),
        y=alt.Y("observed:Q", title=observed, axis=axis, scale=scale),
        color=_SERIES,
    )
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=_DASH)
    dots = base.mark_point(filled=True, size=36, opacity=1)
    return (diagonal + lines + dots).properties(width=theme.SMALL - 64, height=_HEIGHT)


def level_chart(points: pd.DataFrame) -> Any:
    """Total error over time (columns: day, value, low, high)."""
    percents = alt.Axis(format=".0%", tickCount=4)
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%-d %b", tickCount=4))
    base = alt.Chart(points)
    bars = base.mark_rule(color="var(--muted)").encode(
        x=x, y=alt.Y("low:Q", title=None, axis=percents), y2=alt.Y2("high:Q")
    )
    dots = base.mark_point(filled=True, size=60, color="var(--c1)", opacity=1).encode(
        x=x, y=alt.Y("value:Q", title=None, axis=percents)
    )
    limits = (
        alt.Chart(pd.DataFrame({"limit": [-0.05, 0.05]}))
        .mark_rule(color="var(--c2)", strokeDash=[4, 3])
        .encode(y=alt.Y("limit:Q"))
    )
    return (limits + bars + dots).properties(width=theme.SMALL - 64, height=170)
