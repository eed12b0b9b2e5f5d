"""segments: the catalogue and the fold."""

import datetime
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.catalogue import catalogue_rows, read_versions, segments_of_today
from orchestration.checks import judge
from orchestration.membership import fold, frame_sql
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from orchestration.targets import CLUSTERINGS, targets_in

CATALOGUE = "segments.segment_catalogue"
TRANSITIONS = "segments.segment_transitions"
CLUSTERED = ["models.cluster_assignments", "models.cluster_profiles"]


@dg.multi_asset(
    name="segments",
    specs=[
        table_spec(CATALOGUE, ["features.customer_features", *CLUSTERED]),
        table_spec(TRANSITIONS, [CATALOGUE, "models.customer_scores", *CLUSTERED]),
    ],
    check_specs=[contract_check(CATALOGUE), contract_check(TRANSITIONS)],
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
    frame = frame_sql(sorted(targets_in(warehouse)), list(CLUSTERINGS))
    with warehouse.connect() as connection:
        transitions = fold(connection, dates, versions, frame)
    warehouse.replace(segmentry.table(TRANSITIONS), transitions, f"as_of_date >= date '{dates[0]}'")
    for name, count in ((CATALOGUE, len(rows)), (TRANSITIONS, len(transitions))):
        yield dg.MaterializeResult(name.split("."), metadata={"rows": count})
        yield judge(context, segmentry, name, may_be_empty=name == TRANSITIONS)


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
