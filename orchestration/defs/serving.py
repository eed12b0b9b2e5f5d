"""What readers see: the serving snapshot that BI attaches, and the report."""

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Contracts
from orchestration.history import record_run
from orchestration.resources import SegmentryHome
from segmentry.report import build_report
from segmentry.warehouse.publish import publish

SERVED = sorted(t.full_name for t in load_contracts().tables.values() if t.served)
# Facts of an identity: readers get the customer of now beside it.
OF_CUSTOMERS = {name for name in SERVED if load_contracts().tables[name].gets_customer}


@dg.asset(
    key=["serving", "snapshot"],
    group_name="serving",
    description="A snapshot of every published table, as a DuckDB file and as Parquet.",
    owners=["team:data-platform"],
    kinds={"duckdb", "parquet"},
    deps=[name.split(".") for name in SERVED if not name.startswith("ops.")],
    pool="warehouse",
)
def snapshot(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> dg.MaterializeResult:
    comments = meanings(segmentry.contracts)
    # Readers see this run too: its steps so far, without this one and the report.
    record_run(context.instance, context.run_id, segmentry.home)
    with segmentry.warehouse.connect() as connection:
        folder = publish(
            connection, segmentry.home.root, SERVED, context.run_id, comments, OF_CUSTOMERS
        )
    return dg.MaterializeResult(metadata={"folder": str(folder), "tables": len(SERVED)})


def meanings(contracts: Contracts) -> dict[str, str]:
    """What every served table and column means, by its full name."""
    described = {}
    for name in SERVED:
        table = contracts.tables[name]
        described[name] = table.description
        described |= {
            f"{name}.{column.name}": column.description for column in table.served_columns
        }
    return described


@dg.asset(
    key=["serving", "report"],
    group_name="serving",
    description="The page a person looks at: segments, movement, models, data quality.",
    owners=["team:data-platform"],
    kinds={"html", "altair"},
    deps=[["serving", "snapshot"]],
)
def report(segmentry: SegmentryHome) -> dg.MaterializeResult:
    path = build_report(segmentry.home.served_database, segmentry.home.report)
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(str(path))})
