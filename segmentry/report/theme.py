"""How charts look, and how one becomes an inline SVG.

Every colour is a CSS variable of the page, so that one drawing serves light and dark.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import altair as alt
import vl_convert
from markupsafe import Markup, escape

WIDE = 920
NARROW = 352
SMALL = 300
# Liberation Sans, with which the renderer measures text, has the metrics of these.
FONT = "Helvetica Neue, Arial, sans-serif"
KIND_COLOURS = {"rule": "var(--c1)", "predictive": "var(--c2)", "cluster": "var(--c3)"}
# 1.5k, 2M; an axis format alone would print "0k"
SHORT_NUMBER = "datum.value == 0 ? '0' : format(datum.value, '~s')"
DIVERGING = [f"var(--d{n})" for n in range(1, 8)]

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--muted)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": "var(--rule)",
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 8,
        "labelOverlap": True,
        "labelLimit": 400,
        "titleLimit": 400,
    },
    "axisY": {"grid": False},
    "text": {"fontSize": 12, "fill": "var(--ink)"},
    "title": {
        "color": "var(--ink)",
        "fontSize": 13,
        "fontWeight": "bold",
        "anchor": "start",
        "offset": 8,
    },
    "header": {"labelColor": "var(--ink)", "titleColor": "var(--muted)"},
    "legend": {"labelColor": "var(--ink)", "titleColor": "var(--muted)", "labelFontSize": 12},
    "bar": {"cornerRadiusEnd": 2},
}
_VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


@dataclass(frozen=True)
class Figure:
    """A chart in one or two widths, with what a screen reader says and what stands below."""

    label: str
    caption: Markup
    wide: Markup
    narrow: Markup | None = None


class Renderer:
    """Turns charts into figures; numbers them, so that ids inside SVGs stay unique."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def responsive(self, draw: Callable[[int], Any], label: str, caption: str = "") -> Figure:
        """Draws a chart for a wide and for a narrow page; CSS shows one of them."""
        return Figure(
            label, Markup(caption), self._svg(draw(WIDE), label), self._svg(draw(NARROW), label)
        )

    def small(self, chart: Any, label: str, caption: str = "") -> Figure:
        """Renders a chart that fits any page as it is."""
        return Figure(label, Markup(caption), self._svg(chart, label))

    def _svg(self, chart: Any, label: str) -> Markup:
        spec = chart.to_dict(validate=False)
        spec["config"] = _CONFIG
        svg = vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE)
        return Markup(_tidy(svg, label, f"s{next(self._numbers)}-"))


_ROLES = re.compile(r'\s(?:role|aria-[a-z]+|pointer-events)="[^"]*"')
_IDS = re.compile(r'(\bid="|url\(#)([^")]+)')
_WIDTH = re.compile(r'\bwidth="([\d.]+)"')
_HEAD = re.compile(r'^<svg\b(.*?) width="[\d.]+" height="[\d.]+"')


def _tidy(svg: str, label: str, prefix: str) -> str:
    """Makes ids unique, drops inner roles (the figure has one label) and fixed sizes."""
    svg = _ROLES.sub("", svg)
    # The renderer counts ids over its whole life: renumber, so that the page is reproducible.
    numbers: dict[str, int] = {}
    svg = _IDS.sub(
        lambda found: f"{found[1]}{prefix}{numbers.setdefault(found[2], len(numbers))}", svg
    )
    width = _WIDTH.search(svg)
    limit = f"max-width:{float(width[1]):.0f}px" if width else ""
    head = f'<svg role="img" aria-label="{escape(label)}" style="{limit}"'
    svg = _HEAD.sub(lambda found: f"{head}{found[1]}", svg, count=1)
    return svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
