"""segments: the catalogue and the fold."""

import datetime
from collections.abc import Iterator

import dagster as dg
import pandas as pd

from orchestration.catalogue import catalogue_rows, read_versions, segments_of_today
from orchestration.checks import judge
from orchestration.membership import fold, frame_sql
from orchestration.resources import SegmentryHome
from orchestration.targets import CLUSTERINGS, targets

CATALOGUE = "segments.segment_catalogue"
TRANSITIONS = "segments.segment_transitions"


@dg.multi_asset(
    name="segments",
    specs=[
        dg.AssetSpec(
            ["segments", "segment_catalogue"],
            group_name="segments",
            description="Every version of every segment.",
            owners=["team:data-platform"],
            kinds={"python", "yaml"},
            deps=[["features", "customer_features"], ["models", "cluster_assignments"]],
        ),
        dg.AssetSpec(
            ["segments", "segment_transitions"],
            group_name="segments",
            description="Every entry and exit with its date and reason.",
            owners=["team:data-platform"],
            kinds={"python", "duckdb"},
            deps=[
                ["segments", "segment_catalogue"],
                ["models", "customer_scores"],
                ["models", "cluster_assignments"],
                ["features", "customer_features"],
            ],
        ),
    ],
    check_specs=[
        dg.AssetCheckSpec("contract", asset=["segments", name], blocking=True)
        for name in ("segment_catalogue", "segment_transitions")
    ],
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
    with warehouse.connect() as connection:
        transitions = fold(
            connection, dates, versions, frame_sql(sorted(targets()), list(CLUSTERINGS))
        )
    warehouse.replace(segmentry.table(TRANSITIONS), transitions, f"as_of_date >= date '{dates[0]}'")
    for name, count in ((CATALOGUE, len(rows)), (TRANSITIONS, len(transitions))):
        yield dg.MaterializeResult(name.split("."), metadata={"rows": count})
        yield judge(context, segmentry, name)


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
