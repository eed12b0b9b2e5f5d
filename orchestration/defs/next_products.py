"""models: what each customer is likeliest to buy next."""

from collections.abc import Iterator

import dagster as dg

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.models.next_products.ranking import rank_next_products
from segmentry.warehouse.facts import newest_date

RANKS = "models.product_affinity"
READ = [
    "models.model_versions",
    "features.customer_features",
    "identity.customer_identities",
    "core.fct_orders",
    "core.fct_order_lines",
    "core.fct_product_views",
    "core.dim_products",
    "ops.build_dates",
]


@dg.multi_asset(
    name="affinity",
    specs=[table_spec(RANKS, READ)],
    check_specs=[contract_check(RANKS)],
    pool="warehouse",
)
def affinity(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Rank at D by the version in force; without one, write nothing and say why."""
    as_of = newest_date(segmentry.warehouse)
    rows, why = rank_next_products(segmentry.warehouse, segmentry.table(RANKS), as_of)
    if why:
        context.log.warning(f"no next products at {as_of}: {why}")
    yield dg.MaterializeResult(RANKS.split("."), metadata={"rows": rows, "reason": why})
    where = f"as_of_date = date '{as_of}'"
    yield judge(context, segmentry, RANKS, where, may_be_empty=True)
