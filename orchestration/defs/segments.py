"""segments: the catalogue and the fold."""

import datetime
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.catalogue import catalogue_rows, read_versions, segments_of_today
from orchestration.checks import judge
from orchestration.membership import fold
from orchestration.membership_history import HISTORY, TRANSITIONS, store
from orchestration.rescoring import Rescore
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from orchestration.targets import consent_columns
from orchestration.transition_reasons import Reasons

CATALOGUE = "segments.segment_catalogue"
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
    dates = judged_dates(segmentry)
    today = segments_of_today(warehouse, segmentry.contracts)
    rows = catalogue_rows(warehouse, today, first=dates[0], newest=dates[-1])
    warehouse.replace(segmentry.table(CATALOGUE), rows)
    versions = read_versions(warehouse, segmentry.contracts, dates[0])
    reasons = Reasons(consent_columns(), Rescore(warehouse))
    with warehouse.connect() as connection:
        transitions = fold(connection, dates, versions, reasons)
        store(connection, transitions, dates[0])
    for name in (CATALOGUE, TRANSITIONS, HISTORY):
        yield dg.MaterializeResult(name.split("."), metadata={"rows": warehouse.count(name)})
        yield judge(context, segmentry, name, may_be_empty=name != CATALOGUE)


def judged_dates(segmentry: SegmentryHome) -> list[datetime.date]:
    """The membership dates of this run, and every later date that was judged before."""
    dates = segmentry.warehouse.read(
        """
        select distinct as_of_date from models.customer_scores
        where as_of_date >= (
            select min(as_of_date) from ops.build_dates where purpose = 'membership'
        )
        order by as_of_date
        """
    )
    return [pd.Timestamp(value).date() for value in dates["as_of_date"]]
