"""The figures of one target: its candidates beside the rules, gain and calibration."""

import pandas as pd

from data_contracts.definitions.target import Kind
from data_contracts.wording.candidates import candidate_heading
from data_contracts.wording.metrics import MAIN, TARGET_METRICS, metric_heading
from data_contracts.wording.scores import total_words, unit_words
from ml.targets.candidates import CONSTANT, is_rule
from segmentry.report.charts import models as charts
from segmentry.report.page import Page, is_true
from segmentry.report.theme import Figure

CHARTED_RULES = 4


def model_figures(
    target: str, rows: pd.DataFrame, curves: pd.DataFrame, page: Page
) -> list[Figure | None]:
    """The figures of one target at one test date, from its metrics and its curves."""
    kind = page.kind(target)
    figures: list[Figure | None] = [
        _dots(rows[rows["metric"] == MAIN[kind]], MAIN[kind], page.unit(target), page)
    ]
    gain = curves[curves["curve"] == "gain"]
    if not gain.empty:
        captured = f"Share of {total_words(kind)}"
        figures.append(
            page.draw.small(
                charts.gain_curve(_gain(gain), captured),
                f"Gain curve: {captured.lower()} among the customers ranked first",
                "Gain: how much the best-ranked customers hold. Full line: ours; dashed: the rule.",
            )
        )
    calibration = curves[curves["curve"] == "calibration"].dropna(subset=["predicted", "observed"])
    if not calibration.empty:
        figures.append(_calibration(calibration, kind, page))
    return figures


def _calibration(curve: pd.DataFrame, kind: Kind, page: Page) -> Figure:
    return page.draw.small(
        charts.calibration_curve(
            curve[["predicted", "observed", "is_chosen"]], kind, unit_words(kind, page.currency)
        ),
        "Calibration: observed against predicted, by tenth of the customers",
        "Calibration: on the grey diagonal, what was predicted is what happened.",
    )


def _dots(rows: pd.DataFrame, metric: str, unit: str, page: Page) -> Figure | None:
    # Far from the others, the constant and the weak rules would press them together.
    rows = rows[rows["candidate"] != CONSTANT]
    direction = TARGET_METRICS[metric].better
    rules, chosen = rows["candidate"].map(is_rule), is_true(rows["is_chosen"])
    ranked = (rows["value"] * -direction).where(rules).rank(method="first")
    rows = rows[~rules | (ranked <= CHARTED_RULES) | chosen]
    if rows.empty:
        return None
    error = rows["standard_error"].fillna(0)
    dots = pd.DataFrame(
        {
            "name": rows["candidate"].map(candidate_heading),
            "value": rows["value"],
            "low": rows["value"] - error,
            "high": rows["value"] + error,
            "is_chosen": is_true(rows["is_chosen"]),
            "rule_value": rows["rule_value"].fillna(rows["value"]),
        }
    ).sort_values("value", ascending=direction < 0)
    title = f"{metric_heading(metric, unit)} ({'more' if direction > 0 else 'less'} is better)"
    return page.draw.small(
        charts.metric_dots(dots, title),
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
