"""models: what each customer is likeliest to buy next."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.affinity import write_affinity
from orchestration.checks import judge
from orchestration.registry import champion_at
from orchestration.resources import SegmentryHome
from orchestration.scoring import why_none
from orchestration.specs import contract_check, table_spec
from orchestration.targets import NEXT_PRODUCTS, digest_for

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
NEWEST = "select as_of_date from ops.build_dates where purpose = 'newest'"


@dg.multi_asset(
    name="affinity",
    specs=[table_spec(RANKS, READ)],
    check_specs=[contract_check(RANKS)],
    pool="warehouse",
)
def affinity(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Rank at D by the version in force; without one nothing is written, and why is told."""
    warehouse = segmentry.warehouse
    as_of = pd.Timestamp(str(warehouse.scalar(NEWEST))).date()
    champion = champion_at(warehouse, NEXT_PRODUCTS, as_of, digest_for(NEXT_PRODUCTS))
    told: dict[str, int | str] = {"rows": 0}
    if champion is None:
        told["reason"] = why_none(warehouse, NEXT_PRODUCTS, as_of)
        context.log.warning(f"no next products at {as_of}: {told['reason']}")
    else:
        with warehouse.connect() as connection:
            told["rows"] = write_affinity(connection, segmentry.table(RANKS), as_of, champion)
    yield dg.MaterializeResult(RANKS.split("."), metadata=told)
    where = f"as_of_date = date '{as_of}'"
    yield judge(context, segmentry, RANKS, where, may_be_empty=True)
