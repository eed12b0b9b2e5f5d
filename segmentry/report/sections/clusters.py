"""Clusters in profile: cards, heatmap, and how their number was chosen."""

import string
from typing import Any

import pandas as pd

from segmentry.report import words
from segmentry.report.charts import figures as charts
from segmentry.report.read import Frames, records
from segmentry.report.sections.cluster_cards import (
    NO_FACTS,
    card_facts,
    lineage_of,
    question_of,
    without_clusters,
)
from segmentry.report.sections.models import figure_text
from segmentry.report.sections.segments import Section
from segmentry.report.theme import Renderer
from segmentry.report.words import Words, percent

CHARTED_FEATURES = 14
# Two features whose differences are this close in every cluster (in deviations) are one story.
SAME = 0.3
CLUSTER_METRICS = ["worth", "holdout_r2", "month_ari", "stability_ari", "silhouette"]
CLUSTER_METRICS += ["smallest_share"]


def clusters(frames: Frames, say: Words, draw: Renderer) -> Section:
    """One block per clustering: cards, a heatmap, and how the number of clusters was chosen."""
    frame = frames.clusters
    if frame.empty:
        return {
            "empty": "No clustering has been fitted: there are too few customers, or none "
            "was stable enough."
        }
    facts = card_facts(frames)
    blocks = [
        {
            **_clustering(str(name), part, frames.metrics, facts, say, draw),
            "question": question_of(str(name)),
            "lineage": lineage_of(frames, str(name)),
        }
        for name, part in frame.groupby("clustering", sort=True)
    ]
    return {
        "lead": "Groups that the data suggest, not the catalogue. Each is described by what "
        "sets it apart from the average customer.",
        "blocks": blocks,
        "gated": without_clusters(frames),
    }


def _clustering(
    name: str,
    part: pd.DataFrame,
    metrics: pd.DataFrame,
    facts: dict[tuple[str, str], dict[str, str]],
    say: Words,
    draw: Renderer,
) -> Section:
    ids = list(dict.fromkeys(part["cluster_id"]))
    letter = dict(zip(ids, string.ascii_uppercase + string.ascii_lowercase, strict=False))
    part = part[part["cluster_id"].isin(letter)].assign(
        letter=lambda f: f["cluster_id"].map(letter)
    )
    heads = part.drop_duplicates("cluster_id")
    people = heads["customer_count"].fillna(0).sum()
    cards = [
        {
            "letter": row.letter,
            "name": row.cluster_name or row.cluster_id,
            "description": row.cluster_description or "",
            "size": "–"
            if words.missing(row.customer_count)
            else words.plural(row.customer_count, "customer"),
            "share": percent(
                row.customer_share
                if words.missing(row.customer_count) or not people
                else row.customer_count / people
            ),
            **facts.get((name, row.cluster_id), NO_FACTS),
        }
        for row in records(heads)
    ]
    return {
        "name": words.humanise(name),
        "cards": cards,
        "figure": _heatmap(part, list(letter.values())[: len(ids)], say, draw),
        "table": _cluster_table(metrics[metrics["target"] == name]),
    }


def _heatmap(part: pd.DataFrame, letters: list[str], say: Words, draw: Renderer) -> Any:
    """The features that set any cluster apart most, similar ones beside each other."""
    rows = part.dropna(subset=["standardised_difference"])
    if rows.empty:
        return None
    wide = rows.pivot_table(index="feature", columns="letter", values="standardised_difference")
    kept = _telling(wide)
    strongest = {f: str(letter) for f, letter in wide.loc[kept].abs().idxmax(axis=1).items()}
    order = sorted(strongest, key=lambda f: (letters.index(strongest[f]), str(f)))
    rows = (
        rows[rows["feature"].isin(kept)]
        .assign(
            place=lambda f: f["feature"].map(order.index),
            name=lambda f: f["feature"].map(say.feature),
            difference=lambda f: f["standardised_difference"],
            text=lambda f: f["standardised_difference"].map(
                lambda v: f"{v:+.1f}".replace("-", "−").replace("+0.0", "0").replace("−0.0", "0")
            ),
        )
        .sort_values(["place", "letter"])
    )
    return draw.responsive(
        lambda width: charts.cluster_heatmap(
            rows[["name", "letter", "difference", "text"]], width, letters
        ),
        f"How {len(letters)} clusters differ from the average customer in {len(kept)} features",
        "Difference from the average customer in standard deviations: above 0 more, below 0 less.",
    )


def _telling(wide: pd.DataFrame) -> list[Any]:
    """Features that set a cluster apart most, without those that say the same as a stronger one."""
    kept: list[Any] = []
    for feature in wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index:
        row = wide.loc[feature]
        if all((row - wide.loc[other]).abs().max() > SAME for other in kept):
            kept.append(feature)
        if len(kept) == CHARTED_FEATURES:
            break
    return kept


def _cluster_table(metrics: pd.DataFrame) -> Section | None:
    if metrics.empty:
        return None
    wide = metrics.pivot_table(index="candidate", columns="metric", values="value")
    chosen = set(metrics.loc[metrics["is_chosen"].fillna(False).astype(bool), "candidate"])
    columns = [name for name in CLUSTER_METRICS if name in wide.columns]
    rows = [
        {
            "name": words.humanise(str(name)),
            "chosen": name in chosen,
            "cells": [{"text": figure_text(row[c]), "error": "", "best": False} for c in columns],
        }
        for name, row in sorted(wide.iterrows(), key=lambda item: _number(item[0]))
    ]
    return {"columns": [words.humanise(c) for c in columns], "rows": rows}


def _number(candidate: Any) -> tuple[str, int]:
    name, _, size = str(candidate).rpartition("_")
    return (name, int(size)) if size.isdigit() else (str(candidate), 0)
