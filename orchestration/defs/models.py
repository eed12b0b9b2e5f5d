"""models: labels, trained versions with their backtests, scores, clusters."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.models.clusters.fitting import assign_clusters
from segmentry.models.clusters.next_purchases import next_purchases
from segmentry.models.drift import replace_drift
from segmentry.models.storing import TRAINED, store_training
from segmentry.models.targets.labels import label_queries
from segmentry.models.targets.scoring import score_customers
from segmentry.models.training import train_at
from segmentry.warehouse.facts import (
    at_dates,
    first_order_date,
    membership_dates,
    planned_dates,
    training_dates,
)
from segmentry.warehouse.tables import rows_of

MART = ["features.customer_features", "features.customer_categories", "features.leading_categories"]
LEARNED_FROM = ["models.labels", *MART, "core.fct_product_views"]
IN_FORCE = ["models.model_versions", *MART]


# What people decide with the command line; no step of a run writes it.
promotions = table_spec("models.promotions", [])


@dg.multi_asset(
    name="labels",
    specs=[
        table_spec(
            "models.labels",
            [
                "core.fct_orders",
                "core.fct_order_lines",
                "core.dim_products",
                "core.fct_coupon_redemptions",
                "core.fct_subscriptions",
                "core.fct_subscription_events",
                "identity.customer_identities",
                "features.customer_features",
                "features.leading_categories",
                "ops.build_dates",
            ],
        )
    ],
    check_specs=[contract_check("models.labels")],
    pool="warehouse",
)
def labels(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Every label whose window has wholly passed at D."""
    warehouse = segmentry.warehouse
    trained = training_dates(warehouse)
    steps = label_queries(warehouse, trained, first_order_date(warehouse))
    rows = warehouse.replace_by(segmentry.table("models.labels"), steps)
    yield dg.MaterializeResult(["models", "labels"], metadata={"rows": rows})
    where = at_dates(planned_dates(warehouse))
    yield judge(context, segmentry, "models.labels", where, may_be_empty=True)


@dg.multi_asset(
    name="models",
    specs=[table_spec(name, LEARNED_FROM) for name in TRAINED],
    check_specs=[contract_check(name) for name in TRAINED],
    pool="warehouse",
)
def models(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Train at the dates that the plan names; a date trained again replaces its rows."""
    first_order, dates = first_order_date(segmentry.warehouse), training_dates(segmentry.warehouse)
    for date in dates:
        is_newest = date == dates[-1]
        trainings = train_at(segmentry.warehouse, segmentry.home, date, first_order, is_newest)
        store_training(segmentry.warehouse, segmentry.contracts, trainings, date)
    for name in TRAINED:
        rows = segmentry.warehouse.count(name)
        yield dg.MaterializeResult(name.split("."), metadata={"rows": rows})
        yield judge(context, segmentry, name, may_be_empty=name != TRAINED[0])


@dg.multi_asset(
    name="scores",
    specs=[table_spec("models.customer_scores", IN_FORCE)],
    check_specs=[contract_check("models.customer_scores")],
    pool="warehouse",
)
def scores(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Score every judged date with the champions in force at it; nothing is refitted."""
    dates = membership_dates(segmentry.warehouse)
    table = segmentry.table("models.customer_scores")
    rows = score_customers(segmentry.warehouse, table, dates)
    yield dg.MaterializeResult(["models", "customer_scores"], metadata={"rows": rows})
    yield judge(context, segmentry, "models.customer_scores", at_dates(dates))


CLUSTERED = (
    "models.cluster_assignments",
    "models.cluster_profiles",
    "models.cluster_cards",
    "models.cluster_next_purchases",
)
SOLD = ["core.fct_order_lines", "core.dim_products", "identity.customer_identities"]


@dg.multi_asset(
    name="clusters",
    specs=[table_spec(name, [*IN_FORCE, *SOLD]) for name in CLUSTERED],
    check_specs=[contract_check(name) for name in CLUSTERED],
    pool="warehouse",
)
def clusters(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Assign every judged date by the clustering in force at it, and describe the clusters."""
    dates = membership_dates(segmentry.warehouse)
    found = assign_clusters(segmentry.warehouse, dates)
    described = (found.profiles, found.cards, next_purchases(segmentry.warehouse, dates[-1]))
    of_dates, of_versions = at_dates(dates), _same_versions(found.profiles)
    for name, frames in zip(CLUSTERED, (found.assignments, *described), strict=True):
        table = segmentry.table(name)
        where = of_dates if name == CLUSTERED[0] else of_versions
        rows = segmentry.warehouse.replace(table, rows_of(table, frames), where)
        yield dg.MaterializeResult(name.split("."), metadata={"rows": rows})
        yield judge(context, segmentry, name, may_be_empty=True)
    moved = f"{of_dates} and drift_subject = 'cluster'"
    replace_drift(segmentry.warehouse, segmentry.contracts, found.drift, moved)


def _same_versions(profiles: list[pd.DataFrame]) -> str:
    """Profiles of versions that are no longer in force stay: their assignments do too."""
    versions = sorted({version for frame in profiles for version in frame["model_version"]})
    return f"model_version in ({', '.join(repr(version) for version in versions) or 'null'})"
