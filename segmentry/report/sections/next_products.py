"""Next products: what is recommended most, and how good the ranking was on a past date."""

import pandas as pd

from data_contracts.wording.candidates import candidate_heading
from data_contracts.wording.numbers import count, fixed, missing, percent
from data_contracts.wording.values import value_words
from segmentry.project.vocabulary import NEXT_PRODUCTS
from segmentry.report.page import Page, Section, records

PAGE = "customers"
LABEL = "Next products"
TITLE = "Next products"

LEADING = """
    with named as (
        select a.item_level, a.kind, a.customer_id, a.score, a.basis,
            coalesce(p.product_name, a.product_id, a.category) as item
        from models.product_affinity as a
        left join core.dim_products as p using (product_id)
        where a.as_of_date = cast($as_of as date) and a.rank <= 3),
    favoured as (
        select item_level, kind, item, count(distinct customer_id) as customer_count,
            avg(score) as score
        from named where basis <> 'popularity' group by item_level, kind, item)
    select * from favoured
    qualify row_number() over (
        partition by item_level, kind order by customer_count desc, item) <= 5
    order by item_level desc, kind desc, customer_count desc, item
"""
# How good the version was that ranked.
TESTED = """
    select * from models.affinity_metrics
    where split in ('test', 'none') and coalesce(metric, 'ndcg_10') = 'ndcg_10'
        and (is_chosen or candidate = 'popularity')
        and trained_as_of in (
            select v.trained_as_of from models.model_versions as v
            inner join models.product_affinity as a using (model_version)
            where a.as_of_date = cast($as_of as date))
    order by item_level desc, kind desc, is_chosen desc
"""
REASON = f"""
    select reason from models.model_versions where target = '{NEXT_PRODUCTS}'
    order by trained_as_of desc limit 1
"""

RULE = "popularity"
KINDS = {"repeat": "Again", "discover": "New"}


def section(page: Page) -> Section:
    """The leading recommendations, and the chosen way of ranking beside popularity."""
    leading = page.read(LEADING)
    if leading.empty:
        reasons = page.read(REASON)["reason"].tolist() or ["no model has been trained"]
        return {"empty": f"Nothing is recommended: {reasons[0]}."}
    rows = [
        [
            value_words("category", row.item),
            f"{KINDS[row.kind]}, {row.item_level}",
            count(row.customer_count),
            percent(row.score),
        ]
        for row in records(leading)
    ]
    tables = [
        {
            "label": "Table of leading recommendations",
            "columns": ["Item", "Kind", "Customers", "Chance"],
            "rows": rows,
        }
    ]
    tested = _tested(page.read(TESTED))
    if tested:
        tables.append(
            {
                "label": "Table of ranking quality",
                "above": "How good each ranking was in the last 28 days that have passed (NDCG of "
                "the first ten), beside showing everybody what sells most.",
                "columns": ["What", "Ranked by", "Good to (1 = best)", "Most popular first"],
                "rows": tested,
            }
        )
    return {
        "lead": "The items that are most often among a customer's first three recommendations, "
        "to buy again and to discover, with the mean chance that the customer buys them within "
        "28 days.",
        "tables": tables,
    }


def _tested(metrics: pd.DataFrame) -> list[list[str]]:
    rule = {
        (row.item_level, row.kind): row.value for row in records(metrics) if row.candidate == RULE
    }
    return [
        [
            f"{KINDS[row.kind]}, {row.item_level}",
            candidate_heading(row.candidate),
            "not enough data" if missing(row.value) else fixed(row.value, 3),
            fixed(rule.get((row.item_level, row.kind)), 3),
        ]
        for row in records(metrics)
        if row.is_chosen
    ]
