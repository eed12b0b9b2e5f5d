"""Charts of customers and segments. Each function takes a frame and the width to draw for."""

import textwrap
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from data_contracts.wording.dates import short_day
from segmentry.report import theme

_LINE = 14.5  # height of one line of a label, in pixels
_CELL = 24  # the narrowest cell that holds a figure, in pixels
_CHARACTER = 6.5  # mean width of a character of a label, in pixels, with room for wide fonts


@cache
def wrap(name: str, width: int) -> str:
    """Breaks a label into even lines of at most `width` characters, parted by `|`."""
    text = name.replace("|", "/")
    lines = textwrap.wrap(text, width) or [""]
    # The narrowest width that needs no further line leaves no lone word on the last one.
    for narrower in range(width - 1, 0, -1):
        tighter = textwrap.wrap(text, narrower, break_long_words=False)
        if len(tighter) > len(lines) or max(map(len, tighter), default=0) > narrower:
            break
        lines = tighter
    return "|".join(lines)


def is_wide(width: int) -> bool:
    """True when the chart is drawn for a wide page."""
    return width > theme.SMALL * 2


def fit_labels(names: pd.Series, most: int) -> tuple[pd.Series, int]:
    """Wraps row labels into at most `most` pixels; returns them and the pixels they take."""
    labels = names.map(lambda name: wrap(name, int((most - 12) / _CHARACTER)))
    longest = labels.str.split("|").explode().str.len().max()
    return labels, min(most, int(longest * _CHARACTER + 12))


def row_step(labels: pd.Series, least: int) -> int:
    """Row height that fits the label with most lines."""
    lines = labels.str.count(r"\|").max() + 1
    return int(max(least, lines * _LINE + 6))


def names_axis(pixels: int, order: list[str], gap: float = 0.25) -> alt.Y:
    """The axis of row labels: left-aligned, a fixed width, in the given order."""
    lines = "length(split(datum.value, '|'))"
    # Vega hangs a label of several lines from the middle of its row: lift it by half of them.
    lift = {
        "condition": [
            {"test": f"{lines} == {n}", "value": -(n - 1) * _LINE / 2} for n in range(2, 10)
        ],
        "value": 0,
    }
    axis = alt.Axis(
        labelExpr="split(datum.value, '|')",
        minExtent=pixels,
        maxExtent=pixels,
        title=None,
        labelLimit=pixels,
        labelAlign="left",
        labelPadding=pixels,
        labelBaseline="middle",
        labelOverlap=False,
        labelLineHeight=_LINE,
        labelOffset=lift,
    )
    return alt.Y("row:N", sort=order, axis=axis, scale=alt.Scale(paddingInner=gap))


def weekly_spend(weeks: pd.DataFrame, width: int, currency: str) -> Any:
    """Spend per whole week (columns: week, spend) as an area."""
    base = alt.Chart(weeks).encode(
        x=alt.X(
            "week:T",
            title=None,
            axis=alt.Axis(
                format="%b %Y", grid=False, tickCount="month", labelFlush=True, labelSeparation=24
            ),
        ),
        y=alt.Y(
            "spend:Q",
            title=", ".join(filter(None, ["Spend a week", currency])),
            axis=alt.Axis(
                tickCount=4,
                labelExpr=theme.SHORT_NUMBER,
                titleAnchor="end",
                titleAngle=0,
                titleAlign="left",
                titleX=0,
                titleY=-14,
            ),
        ),
    )
    area = base.mark_area(color="var(--c1)", opacity=0.14)
    line = base.mark_line(color="var(--c1)", strokeWidth=2)
    return (area + line).properties(width=width - 60, height=170)


def paired_bars(rows: pd.DataFrame, width: int, titles: tuple[str, str]) -> Any:
    """Two bar panels that share their row names.

    `rows` has name, colour, left, right (numbers) and left_text, right_text.
    """
    labels, pixels = fit_labels(rows["name"], 236 if is_wide(width) else 124)
    frame = rows.assign(row=labels)
    order = labels.tolist()
    panel = (width - pixels - 30) // 2
    room = int(frame[["left_text", "right_text"]].map(len).max().max() * _CHARACTER + 12)
    panels = []
    for side, title in zip(("left", "right"), titles, strict=True):
        limit = max(float(frame[side].max() or 0), 1e-9) * panel / max(panel - room, 20)
        axis = (
            names_axis(pixels, order)
            if side == "left"
            else alt.Y("row:N", sort=order, axis=None, scale=alt.Scale(paddingInner=0.25))
        )
        base = alt.Chart(frame).encode(
            y=axis, x=alt.X(f"{side}:Q", axis=None, scale=alt.Scale(domain=[0, limit], nice=False))
        )
        bars = base.mark_bar().encode(color=alt.Color("colour:N", scale=None))
        text = base.mark_text(align="left", dx=5).encode(text=alt.Text(f"{side}_text:N"))
        panels.append(
            (bars + text).properties(
                width=panel,
                height=alt.Step(row_step(labels, 24)),
                title=alt.Title(wrap(title, panel // 8).split("|"), frame="group"),
            )
        )
    return alt.hconcat(*panels, spacing=12)


def stacked_checks(rows: pd.DataFrame, width: int) -> Any:
    """Checks by stage (columns: name, outcome, colour, order, check_count), stacked."""
    labels, pixels = fit_labels(rows["name"], 112)
    frame = rows.assign(row=labels)
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            y=names_axis(pixels, list(dict.fromkeys(frame["row"]))),
            x=alt.X("check_count:Q", title="Checks", axis=alt.Axis(tickCount=5, format="d")),
            color=alt.Color("colour:N", scale=None),
            order=alt.Order("order:Q"),
        )
        .properties(width=width - pixels - 30, height=alt.Step(24))
    )


def movement_grid(rows: pd.DataFrame, width: int) -> Any:
    """Entries and exits per segment and week, coloured by the change relative to the size.

    `rows` has name, as_of_date, text and change (entries less exits over size before).
    """
    kept = sorted(rows["as_of_date"].unique())[-(8 if is_wide(width) else 3) :]
    rows = rows[rows["as_of_date"].isin(kept)]
    labels, pixels = fit_labels(rows["name"], 236 if is_wide(width) else 136)
    frame = rows.assign(row=labels, week=rows["as_of_date"].map(short_day))
    base = alt.Chart(frame).encode(
        y=names_axis(pixels, list(dict.fromkeys(labels)), gap=0),
        x=alt.X(
            "week:N",
            sort=[short_day(date) for date in kept],
            axis=alt.Axis(orient="top", labelAngle=0, title=None),
        ),
    )
    cells = base.mark_rect(stroke="var(--card)", strokeWidth=2).encode(
        color=alt.Color(
            "change:Q",
            legend=None,
            scale=alt.Scale(
                type="threshold",
                domain=[-0.1, -0.05, -0.01, 0.01, 0.05, 0.1],
                range=theme.DIVERGING,
            ),
        )
    )
    size = 12 if is_wide(width) else 10.5
    text = base.mark_text(fontSize=size).encode(text=alt.Text("text:N"))
    return (cells + text).properties(
        width=width - pixels - 12, height=alt.Step(row_step(labels, 28))
    )


def stage_matrix(rows: pd.DataFrame, width: int, order: list[str]) -> Any:
    """Customers by lifecycle stage before (rows) and now (columns).

    `rows` has row, column, text, depth (0..6, an index into the sequential colours).
    """
    wide = is_wide(width)
    labels, pixels = fit_labels(rows["row"], 112 if wide else 64)
    base = alt.Chart(rows.assign(row=labels)).encode(
        y=names_axis(pixels, order, gap=0),
        x=alt.X(
            "column:N",
            sort=order,
            axis=alt.Axis(
                orient="top", labelAngle=0 if wide else -90, title=None, labelOverlap=False
            ),
        ),
    )
    cells = base.mark_rect(stroke="var(--card)", strokeWidth=2).encode(
        color=alt.Color(
            "depth:Q",
            legend=None,
            scale=alt.Scale(
                type="threshold", domain=[1, 2, 3, 4, 5], range=[f"var(--q{n})" for n in range(6)]
            ),
        )
    )
    text = base.mark_text(fontSize=12 if wide else 10.5).encode(text=alt.Text("text:N"))
    return (cells + text).properties(width=min(width - pixels - 16, 640), height=alt.Step(32))


def ranked_moves(rows: pd.DataFrame, width: int) -> Any:
    """The most frequent moves between segments (columns: name, customer_count)."""
    labels, pixels = fit_labels(rows["name"], 420 if is_wide(width) else 200)
    frame = rows.assign(row=labels)
    limit = float(frame["customer_count"].max()) * 1.3
    base = alt.Chart(frame).encode(
        y=names_axis(pixels, labels.tolist()),
        x=alt.X("customer_count:Q", axis=None, scale=alt.Scale(domain=[0, limit])),
    )
    text = base.mark_text(align="left", dx=5).encode(text=alt.Text("text:N"))
    return (base.mark_bar(color="var(--c2)") + text).properties(
        width=width - pixels - 20, height=alt.Step(row_step(labels, 24))
    )


def cluster_heatmap(rows: pd.DataFrame, width: int, order: list[str]) -> Any:
    """Standardised differences: features as rows, clusters (by letter) as columns."""
    wide = is_wide(width)
    labels, pixels = fit_labels(rows["name"], 350 if wide else 142)
    frame = rows.assign(row=labels)
    base = alt.Chart(frame).encode(
        y=names_axis(pixels, list(dict.fromkeys(labels)), gap=0),
        x=alt.X(
            "letter:N",
            sort=order,
            axis=alt.Axis(orient="top", labelAngle=0, title=None, labelFontWeight="bold"),
        ),
    )
    cells = base.mark_rect(stroke="var(--card)", strokeWidth=2).encode(
        color=alt.Color(
            "difference:Q",
            legend=None,
            scale=alt.Scale(
                type="threshold", domain=[-1, -0.5, -0.2, 0.2, 0.5, 1], range=theme.DIVERGING
            ),
        )
    )
    text = base.mark_text(fontSize=12 if wide else 10).encode(text=alt.Text("text:N"))
    room = (width - pixels - 12) / len(order)
    chart = cells + text if room >= _CELL else alt.layer(cells)
    return chart.properties(width=width - pixels - 12, height=alt.Step(row_step(labels, 28)))
