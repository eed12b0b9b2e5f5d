"""models: labels, trained versions with their backtests, scores, clusters."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from data_contracts.compiler.to_labels import label_sql
from ml.scoring import score_frame, unscored_frame
from orchestration.checks import judge
from orchestration.cluster_purchases import next_purchases
from orchestration.clusters import assign_clusters, train_clusters
from orchestration.defs.plan import first_order_date
from orchestration.registry import champion_at, versions_frame
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from orchestration.targets import feature_list_digest, targets
from orchestration.training import TrainingTables, read_features, read_training_data, train_models
from orchestration.warehouse import rows_of

IN_FORCE = ["models.model_versions", "features.customer_features"]
MEMBERSHIP = "select as_of_date from ops.build_dates where purpose = 'membership'"


def _dates(segmentry: SegmentryHome, purpose: str) -> list:
    found = segmentry.warehouse.read(
        "select as_of_date from ops.build_dates where purpose = ? order by as_of_date", [purpose]
    )
    return [pd.Timestamp(value).date() for value in found["as_of_date"]]


@dg.multi_asset(
    name="labels",
    specs=[
        table_spec(
            "models.labels",
            [
                "core.fct_orders",
                "identity.customer_identities",
                "features.customer_features",
                "ops.build_dates",
            ],
        )
    ],
    check_specs=[contract_check("models.labels")],
    pool="warehouse",
)
def labels(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Every label whose window has wholly passed at D."""
    selects = [
        label_sql(
            target,
            "(select distinct as_of_date from ops.build_dates)",
            "features.customer_features",
            "(select as_of_date from ops.build_dates where purpose = 'newest')",
        )
        for target in targets().values()
    ]
    frame = pd.concat([segmentry.warehouse.read(sql) for sql in selects], ignore_index=True)
    where = "as_of_date in (select as_of_date from ops.build_dates)"
    rows = segmentry.warehouse.replace(segmentry.table("models.labels"), frame, where)
    yield dg.MaterializeResult(["models", "labels"], metadata={"rows": rows})
    yield judge(context, segmentry, "models.labels", where, may_be_empty=True)


TRAINED = (
    "models.model_versions",
    "models.model_metrics",
    "models.model_curves",
    "models.cluster_lineage",
)


@dg.multi_asset(
    name="models",
    specs=[table_spec(name, ["models.labels", "features.customer_features"]) for name in TRAINED],
    check_specs=[contract_check(name) for name in TRAINED],
    pool="warehouse",
)
def models(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Train at the dates that the plan names; a date trained again replaces its rows."""
    first_order = first_order_date(segmentry.warehouse)
    for date in _dates(segmentry, "training"):
        tables = TrainingTables()
        data = read_training_data(segmentry.warehouse, date, first_order)
        train_models(segmentry.warehouse, segmentry.home, data, tables)
        train_clusters(segmentry.warehouse, segmentry.home, data, tables)
        where = f"trained_as_of = date '{date}'"
        versions = [versions_frame(tables.versions)]
        trained = (versions, tables.metrics, tables.curves, tables.lineage)
        for name, frames in zip(TRAINED, trained, strict=True):
            table = segmentry.table(name)
            segmentry.warehouse.replace(table, rows_of(table, frames), where)
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
    pieces = []
    for date in _dates(segmentry, "membership"):
        frame = read_features(segmentry.warehouse, [date])
        for name in targets():
            champion = champion_at(segmentry.warehouse, name, date, feature_list_digest())
            if champion is None:
                pieces.append(unscored_frame(frame, name))
            else:
                pieces.append(score_frame(champion.target_model(), frame, champion.model_version))
    result = pd.concat(pieces, ignore_index=True)
    table = segmentry.table("models.customer_scores")
    rows = segmentry.warehouse.replace(table, result, f"as_of_date in ({MEMBERSHIP})")
    yield dg.MaterializeResult(["models", "customer_scores"], metadata={"rows": rows})
    yield judge(context, segmentry, "models.customer_scores", f"as_of_date in ({MEMBERSHIP})")


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
    dates = _dates(segmentry, "membership")
    found = assign_clusters(segmentry.warehouse, dates)
    described = (found.profiles, found.cards, next_purchases(segmentry.warehouse, dates[-1]))
    of_dates, of_versions = f"as_of_date in ({MEMBERSHIP})", _same_versions(found.profiles)
    for name, frames in zip(CLUSTERED, (found.assignments, *described), strict=True):
        table = segmentry.table(name)
        where = of_dates if name == CLUSTERED[0] else of_versions
        rows = segmentry.warehouse.replace(table, rows_of(table, frames), where)
        yield dg.MaterializeResult(name.split("."), metadata={"rows": rows})
        yield judge(context, segmentry, name, may_be_empty=True)


def _same_versions(profiles: list[pd.DataFrame]) -> str:
    """Profiles of versions that are no longer in force stay: their assignments do too."""
    versions = sorted({version for frame in profiles for version in frame["model_version"]})
    return f"model_version in ({', '.join(repr(version) for version in versions) or 'null'})"
