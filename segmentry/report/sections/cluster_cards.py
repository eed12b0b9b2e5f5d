"""What cards of clusters say beside their names: worth, what was bought next, typical customers."""

from typing import Any

import pandas as pd

from segmentry.project.vocabulary import CLUSTERINGS, lenses
from segmentry.report import words
from segmentry.report.read import Frames, records
from segmentry.report.words import percent

SHOWN_CATEGORIES = 3
NO_FACTS = {"worth": "", "bought": "", "typical": ""}
# What became of a cluster, in words; {other} is the cluster it is related to.
EVENTS = {
    "lived": "{name} lives on",
    "split": "{name} was split off {other}",
    "merged": "{name} was merged into {other}",
    "died": "{name} died",
    "born": "{name} was born",
}


def card_facts(frames: Frames) -> dict[tuple[str, str], dict[str, str]]:
    """Clustering and cluster -> worth, bought, typical: sentences, empty where nothing is known."""
    return {
        (row.clustering, row.cluster_id): {
            "worth": _worth(row, frames.currency),
            "bought": _bought(row),
            "typical": row.typical_customer_ids or "",
        }
        for row in records(frames.cluster_cards)
    }


def _worth(row: Any, currency: str) -> str:
    if words.missing(row.next_91d_spend_mean_amount):
        return ""
    mean = f"{row.next_91d_spend_mean_amount:,.0f} {currency}".strip()
    return f"Spent {mean} each in the next 13 weeks, {percent(row.next_91d_spend_share)} of all."


def _bought(row: Any) -> str:
    if not isinstance(row.categories, list | tuple) and not hasattr(row.categories, "__len__"):
        return ""
    found = list(zip(row.categories, row.buyers, row.all_buyers, strict=True))[:SHOWN_CATEGORIES]
    told = [
        f"{words.humanise(str(category).lower())} {percent(share)} (all: {percent(everybody)})"
        for category, share, everybody in found
    ]
    return f"Bought next: {', '.join(told)}." if told else ""


def question_of(clustering: str) -> str:
    """What the clustering answers; empty for one that has no lens any more."""
    lens = lenses().get(clustering)
    return lens.question if lens else ""


def without_clusters(frames: Frames) -> list[str]:
    """Why a lens shows no clusters, one sentence each."""
    shown = set(frames.clusters["clustering"])
    reasons = {row.target: row.reason for row in records(frames.versions)}
    return [
        f"{words.humanise(name)}: {reasons[name]}."
        for name in CLUSTERINGS
        if name not in shown and not words.missing(reasons.get(name))
    ]


def lineage_of(frames: Frames, clustering: str) -> str:
    """What became of the clusters when these took over; empty for the first ones."""
    rows: pd.DataFrame = frames.lineage[frames.lineage["clustering"] == clustering]
    told = [
        EVENTS[row.lineage_event].format(name=row.cluster_id, other=row.related_cluster_id)
        for row in records(rows)
    ]
    return f"When these clusters took over: {', '.join(told)}." if told else ""
