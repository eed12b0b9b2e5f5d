"""Clusters in profile: cards, a heatmap, and how their number was chosen."""

import string
from typing import Any

import pandas as pd

from data_contracts.wording.candidates import candidate_heading
from data_contracts.wording.metrics import CLUSTER_METRICS, metric_heading
from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import NO_VALUE, fixed, measure, missing, percent, plural
from segmentry.project.vocabulary import CLUSTERINGS, lenses
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, is_true, records

PAGE = "clusters"
LABEL = "Clusters"
TITLE = "Cluster profiles"

PROFILES = """
    with sizes as (
        select clustering, cluster_id, count(*) as customer_count
        from models.cluster_assignments where as_of_date = cast($as_of as date)
        group by clustering, cluster_id),
    newest as (
        select * from models.cluster_profiles
        qualify model_version is not distinct from
            max(model_version) over (partition by clustering))
    select n.*, s.customer_count from newest as n
    left join sizes as s using (clustering, cluster_id)
    order by clustering, customer_count desc nulls last, cluster_id, feature
"""
# Cards of the clusterings in force, and what their customers bought in the 13 weeks after.
CARDS = """
    select c.clustering, c.cluster_id, c.next_91d_spend_mean_amount, c.next_91d_spend_share,
        c.typical_customer_ids,
        list(n.category order by n.category_rank) filter (where n.category is not null)
            as categories,
        list(n.buyers_rate order by n.category_rank) filter (where n.category is not null)
            as buyers,
        list(n.all_buyers_rate order by n.category_rank) filter (where n.category is not null)
            as all_buyers
    from models.cluster_cards as c
    left join models.cluster_next_purchases as n
        on n.model_version = c.model_version and n.cluster_id = c.cluster_id
        and n.horizon_days = 91
    where c.model_version in (
        select max(model_version) from models.cluster_cards group by clustering)
    group by all
"""
LINEAGE = """
    select * from models.cluster_lineage where previous_version is not null
    qualify trained_as_of = max(trained_as_of) over (partition by clustering)
    order by clustering, lineage_event, cluster_id
"""
METRICS = """
    select target, candidate, metric, value, is_chosen from models.model_metrics
    where target in (select clustering from models.cluster_profiles)
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
    order by target, candidate, metric
"""
REASONS = """
    select target, reason from models.model_versions
    qualify trained_as_of is not distinct from max(trained_as_of) over (partition by target)
"""

CHARTED_FEATURES = 14
# Two features whose differences are this close in every cluster (in deviations) are one story.
SAME = 0.3
SHOWN_CATEGORIES = 3
NO_FACTS = {"worth": "", "bought": "", "typical": ""}
# What became of a cluster, in words; {other} is the cluster it is related to.
EVENTS = {
    "lived": "{name} lives on",
    "split": "{name} was split off {other}",
    "merged": "{name} was merged into {other}",
    "died": "{name} ended",
    "born": "{name} is new",
}
Facts = dict[tuple[str, str], dict[str, str]]


def section(page: Page) -> Section:
    """One block per clustering: cards, a heatmap, and how the number of clusters was chosen."""
    profiles = page.read(PROFILES)
    if profiles.empty:
        return {
            "empty": "No clustering has been fitted: there are too few customers, or none "
            "was stable enough."
        }
    facts = _facts(page)
    metrics, lineage = page.read(METRICS), page.read(LINEAGE)
    blocks = [
        {
            "name": humanise(str(name)),
            "question": lenses()[str(name)].question if name in lenses() else "",
            "lineage": _lineage(lineage[lineage["clustering"] == name]),
            **_clustering(str(name), part, facts, page),
            "table": _table(metrics[metrics["target"] == name]),
        }
        for name, part in profiles.groupby("clustering", sort=True)
    ]
    return {
        "lead": "Groups that the data suggest, not the catalogue. Each is described by what "
        "sets it apart from the average customer.",
        "blocks": blocks,
        "gated": _without_clusters(page, set(profiles["clustering"])),
    }


def _facts(page: Page) -> Facts:
    """Clustering and cluster -> worth, bought, typical: sentences, empty where nothing is known."""
    return {
        (row.clustering, row.cluster_id): {
            "worth": _worth(row, page),
            "bought": _bought(row),
            "typical": row.typical_customer_ids or "",
        }
        for row in records(page.read(CARDS))
    }


def _worth(row: Any, page: Page) -> str:
    if missing(row.next_91d_spend_mean_amount):
        return ""
    mean = page.money(row.next_91d_spend_mean_amount)
    share = percent(row.next_91d_spend_share)
    return f"Each spent {mean} on average in the next 13 weeks, together {share} of all spend."


def _bought(row: Any) -> str:
    if not hasattr(row.categories, "__len__"):
        return ""
    bought = [
        f"{humanise(str(category).lower())} {percent(share)} (all: {percent(everybody)})"
        for category, share, everybody in zip(
            row.categories, row.buyers, row.all_buyers, strict=True
        )
    ]
    return f"Bought next: {', '.join(bought[:SHOWN_CATEGORIES])}." if bought else ""


def _without_clusters(page: Page, shown: set[str]) -> list[str]:
    """Why a lens shows no clusters, one sentence each."""
    reasons = {row.target: row.reason for row in records(page.read(REASONS))}
    return [
        f"{humanise(name)}: {reasons[name]}."
        for name in CLUSTERINGS
        if name not in shown and not missing(reasons.get(name))
    ]


def _lineage(rows: pd.DataFrame) -> str:
    """What became of the clusters when these took over; empty for the first ones."""
    events = [
        EVENTS[row.lineage_event].format(name=row.cluster_id, other=row.related_cluster_id)
        for row in records(rows)
    ]
    return f"When these clusters took over: {', '.join(events)}." if events else ""


def _clustering(name: str, part: pd.DataFrame, facts: Facts, page: Page) -> Section:
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
            "size": NO_VALUE
            if missing(row.customer_count)
            else plural(row.customer_count, "customer"),
            "share": percent(
                row.customer_share
                if missing(row.customer_count) or not people
                else row.customer_count / people
            ),
            **facts.get((name, row.cluster_id), NO_FACTS),
        }
        for row in records(heads)
    ]
    return {"cards": cards, "figure": _heatmap(part, list(letter.values())[: len(ids)], page)}


def _heatmap(part: pd.DataFrame, letters: list[str], page: Page) -> Any:
    """The features that set any cluster apart most, similar ones beside each other."""
    rows = part.dropna(subset=["standardised_difference"])
    if rows.empty:
        return None
    wide = rows.pivot_table(index="feature", columns="letter", values="standardised_difference")
    kept = _distinctive(wide)
    strongest = {f: str(letter) for f, letter in wide.loc[kept].abs().idxmax(axis=1).items()}
    order = sorted(strongest, key=lambda f: (letters.index(strongest[f]), str(f)))
    rows = rows[rows["feature"].isin(kept)]
    rows = pd.DataFrame(
        {
            "position": rows["feature"].map(order.index),
            "name": rows["feature"].map({f: page.feature(str(f)) for f in kept}),
            "letter": rows["letter"],
            "difference": rows["standardised_difference"],
            "text": rows["standardised_difference"].map(_difference),
        }
    ).sort_values(["position", "letter"])
    return page.draw.responsive(
        lambda width: charts.cluster_heatmap(rows.drop(columns="position"), width, letters),
        f"How {len(letters)} clusters differ from the average customer in {len(kept)} features",
        "Difference from the average customer in standard deviations: above 0 more, below 0 less.",
    )


def _difference(value: float) -> str:
    """`+0.4`, `−1.2`, `0`."""
    text = fixed(value, 1)
    return "0" if text in ("0.0", "−0.0") else f"+{text}" if value > 0 else text


def _distinctive(wide: pd.DataFrame) -> list[Any]:
    """Features that set a cluster apart most, without those that say the same as a stronger one."""
    strongest = wide.abs().max(axis=1).sort_values(ascending=False, kind="stable")
    values = wide.loc[strongest.index].to_numpy()
    kept: list[int] = []
    for number, row in enumerate(values):
        # A feature that is not known in a cluster differs from every other there.
        gaps = abs(values[kept] - row)
        if not kept or (pd.DataFrame(gaps).max(axis=1) > SAME).all():
            kept.append(number)
        if len(kept) == CHARTED_FEATURES:
            break
    return [strongest.index[number] for number in kept]


def _table(metrics: pd.DataFrame) -> Section | None:
    if metrics.empty:
        return None
    wide = metrics.pivot_table(index="candidate", columns="metric", values="value")
    chosen = set(metrics.loc[is_true(metrics["is_chosen"]), "candidate"])
    columns = [name for name in CLUSTER_METRICS if name in wide.columns]
    rows = [
        {
            "name": candidate_heading(str(name)),
            "chosen": name in chosen,
            "cells": [{"text": measure(row[c]), "error": "", "best": False} for c in columns],
        }
        for name, row in sorted(wide.iterrows(), key=lambda item: _by_size(item[0]))
    ]
    return {"columns": [metric_heading(c) for c in columns], "rows": rows}


def _by_size(candidate: Any) -> tuple[str, int]:
    name, _, size = str(candidate).rpartition("_")
    return (name, int(size)) if size.isdigit() else (str(candidate), 0)
