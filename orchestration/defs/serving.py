"""What readers see: the serving snapshot that BI attaches, and the report."""

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Contracts
from orchestration.resources import SegmentryHome
from segmentry.project.vocabulary import targets_in
from segmentry.report import build_report
from segmentry.report.model_cards import in_short, model_cards, write_model_cards
from segmentry.warehouse.publish import publish
from segmentry.warehouse.snapshot import Snapshot

SERVED = sorted(t.full_name for t in load_contracts().tables.values() if t.served)


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
    with segmentry.warehouse.connect() as connection:
        folder = publish(connection, segmentry.home.root, SERVED, context.run_id, comments)
    return dg.MaterializeResult(metadata={"folder": str(folder), "tables": len(SERVED)})


def meanings(contracts: Contracts) -> dict[str, str]:
    """What every served table and column means, by its full name."""
    found = {}
    for name in SERVED:
        table = contracts.tables[name]
        found[name] = table.description
        found |= {f"{name}.{column.name}": column.description for column in table.columns}
    return found


@dg.asset(
    key=["serving", "report"],
    group_name="serving",
    description="The page a person looks at: segments, movement, models, data quality.",
    owners=["team:data-platform"],
    kinds={"html", "altair"},
    deps=[["serving", "snapshot"]],
)
def report(segmentry: SegmentryHome) -> dg.MaterializeResult:
    snapshot = Snapshot(segmentry.home)
    never = {
        column.name
        for table in segmentry.contracts.of_stage("raw")
        for column in table.columns
        if column.classification == "sensitive"
    }
    cards = model_cards(snapshot, targets_in(snapshot).values(), never)
    short = {name: in_short(card) for name, card in cards.items()}
    home = segmentry.home
    path = build_report(home.served_database, home.report, cards=short)
    write_model_cards(cards.values(), path.parent / "models")
    return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(str(path))})
