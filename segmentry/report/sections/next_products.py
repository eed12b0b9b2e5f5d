"""Next products: what is recommended most, and how good the ranking was on a past date."""

import pandas as pd

from segmentry.project.vocabulary import NEXT_PRODUCTS
from segmentry.report import words
from segmentry.report.read import Frames, records
from segmentry.report.sections.segments import Section
from segmentry.report.words import count, percent

KINDS = {"repeat": "Again", "discover": "New"}


def affinity(frames: Frames) -> Section:
    """The leading recommendations, and the chosen way of ranking beside popularity."""
    if frames.affinity.empty:
        reasons = {row.target: row.reason for row in records(frames.versions)}
        why = reasons.get(NEXT_PRODUCTS, "no model has been trained")
        return {"empty": f"Nothing is recommended: {why}."}
    rows = [
        [
            words.humanise(row.item),
            f"{KINDS[row.kind]}, {row.item_level}",
            count(row.customer_count),
            "–" if words.missing(row.score) else percent(row.score),
        ]
        for row in records(frames.affinity)
    ]
    return {
        "lead": "What is among the first three recommendations of most customers, to buy again "
        "and to discover, with the mean chance that they buy it within 28 days.",
        "columns": ["Item", "Kind", "Customers", "Chance"],
        "rows": rows,
        "judged_columns": ["What", "Ranked by", "Good to (1 = best)", "Most popular first"],
        "judged": _judged(frames.affinity_metrics),
    }


def _judged(metrics: pd.DataFrame) -> list[list[str]]:
    popular = {
        (row.item_level, row.kind): row.value
        for row in records(metrics)
        if row.candidate == "popularity"
    }
    rows = []
    for row in records(metrics):
        if row.is_chosen:
            told = "not enough data" if words.missing(row.value) else f"{row.value:.3f}"
            rule = popular.get((row.item_level, row.kind))
            beside = "–" if rule is None or words.missing(rule) else f"{rule:.3f}"
            name = f"{KINDS[row.kind]}, {row.item_level}"
            rows.append([name, words.humanise(row.candidate), told, beside])
    return rows
