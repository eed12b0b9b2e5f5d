"""models: what each customer is likeliest to buy next."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.affinity import write_affinity
from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec

TABLES = ("models.product_affinity", "models.affinity_metrics")
READ = [
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
    specs=[table_spec(name, READ) for name in TABLES],
    check_specs=[contract_check(name) for name in TABLES],
    pool="warehouse",
)
def affinity(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Rank at D alone: the way of ranking is chosen on the windows that have passed by then."""
    as_of = pd.Timestamp(str(segmentry.warehouse.scalar(NEWEST))).date()
    ranks, metrics = (segmentry.table(name) for name in TABLES)
    with segmentry.warehouse.connect() as connection:
        rows = write_affinity(connection, ranks, metrics, as_of)
    judged = (f"as_of_date = date '{as_of}'", f"trained_as_of = date '{as_of}'")
    for name, where in zip(TABLES, judged, strict=True):
        yield dg.MaterializeResult(name.split("."), metadata={"rows": rows[name]})
        yield judge(context, segmentry, name, where, may_be_empty=True)
