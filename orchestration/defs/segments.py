"""segments: the catalogue and the fold."""

from collections.abc import Iterator

import dagster as dg

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.project.vocabulary import consent_columns
from segmentry.quality.validation import CheckOutcome, record
from segmentry.segments.alerts import find_alerts
from segmentry.segments.catalogue import segments_of_today
from segmentry.segments.fold import fold
from segmentry.segments.history import HISTORY, TRANSITIONS, store
from segmentry.segments.neighbours import find_lookalikes, find_near_misses
from segmentry.segments.reasons import Reasons
from segmentry.segments.rescoring import Rescore
from segmentry.segments.versions import (
    CATALOGUE,
    catalogue_rows,
    read_versions,
    segments_in_force,
)
from segmentry.warehouse.facts import history_starts, judged_dates
from segmentry.warehouse.tables import rows_of

JUDGED = [
    CATALOGUE,
    "models.customer_scores",
    "core.fct_order_lines",
    "core.fct_erasure_requests",
    "identity.customer_merges",
]
CLUSTERED = ["models.cluster_assignments", "models.cluster_profiles"]


@dg.multi_asset(
    name="segments",
    specs=[
        table_spec(CATALOGUE, ["features.customer_features", *CLUSTERED]),
        table_spec(TRANSITIONS, [*JUDGED, *CLUSTERED]),
        table_spec(HISTORY, [TRANSITIONS]),
    ],
    check_specs=[contract_check(name) for name in (CATALOGUE, TRANSITIONS, HISTORY)],
    pool="warehouse",
)
def segments(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Judge the dates of this run and every judged date after them."""
    warehouse = segmentry.warehouse
    dates = judged_dates(segmentry.warehouse)
    today = segments_of_today(warehouse)
    rows = catalogue_rows(warehouse, today, first=dates[0], newest=dates[-1])
    warehouse.replace(segmentry.table(CATALOGUE), rows)
    versions = read_versions(warehouse, segmentry.contracts, dates[0])
    reasons = Reasons(consent_columns(), Rescore(warehouse))
    with warehouse.connect() as connection:
        transitions = fold(connection, dates, versions, reasons, history_starts(warehouse))
        store(connection, transitions, dates[0])
    for name in (CATALOGUE, TRANSITIONS, HISTORY):
        yield dg.MaterializeResult(name.split("."), metadata={"rows": warehouse.count(name)})
        yield judge(context, segmentry, name, may_be_empty=name != CATALOGUE)


NEIGHBOURS = ("segments.near_misses", "segments.lookalikes")


@dg.multi_asset(
    name="segment_neighbours",
    specs=[table_spec(name, [HISTORY, *JUDGED, *CLUSTERED]) for name in NEIGHBOURS],
    check_specs=[contract_check(name) for name in NEIGHBOURS],
    pool="warehouse",
)
def segment_neighbours(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Who is nearly in each segment at the newest judged date, and who is like its members."""
    warehouse, contracts = segmentry.warehouse, segmentry.contracts
    date = judged_dates(warehouse)[-1]
    today = segments_in_force(warehouse, contracts, date)
    near = find_near_misses(warehouse, today, date)
    alike = rows_of(
        segmentry.table(NEIGHBOURS[1]), find_lookalikes(warehouse, contracts, today, date)
    )
    for name, rows in zip(NEIGHBOURS, (near, alike), strict=True):
        warehouse.replace(segmentry.table(name), rows)
        yield dg.MaterializeResult(name.split("."), metadata={"rows": len(rows)})
        yield judge(context, segmentry, name, may_be_empty=True)


SUMMARY = "segments.segment_summary"


@dg.asset_check(
    asset=SUMMARY.split("."),
    name="as_usual",
    description="Every segment changed about as much as it usually does, holds some customers but "
    "not all, and its review is not overdue. A warning names those that a person should look at.",
)
def segments_as_usual(
    context: dg.AssetCheckExecutionContext, segmentry: SegmentryHome
) -> dg.AssetCheckResult:
    """Warn of what a person should look at; nothing stops."""
    alerts = find_alerts(segmentry.warehouse)
    table = segmentry.table(SUMMARY)
    outcomes = [
        CheckOutcome(table, a.check, a.segment_id, "catalogue", "warn", False, a.message)
        for a in alerts
    ]
    if not alerts:
        outcomes = [CheckOutcome(table, "as_usual", None, "catalogue", "warn", True, "")]
    record(segmentry.warehouse, segmentry.contracts, context.run.run_id, outcomes)
    messages = "; ".join(alert.message for alert in alerts)
    return dg.AssetCheckResult(
        passed=not alerts,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"alerts": len(alerts), "failed": messages[:2000]},
    )
