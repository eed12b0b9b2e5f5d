"""models.drift: what moved since training, and how good scores proved to be."""

from collections.abc import Iterator

import dagster as dg

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.models.drift import drift_at, replace_drift, standing_drift
from segmentry.models.targets.outcomes import measure_matured
from segmentry.warehouse.facts import at_dates, membership_dates

NO_DRIFT = "no_drift"
KEY = ["models", "drift"]


@dg.multi_asset(
    name="drift",
    specs=[
        table_spec(
            "models.drift",
            [
                "models.customer_scores",
                "models.cluster_assignments",
                "models.labels",
                "models.model_metrics",
            ],
        )
    ],
    check_specs=[
        contract_check("models.drift"),
        dg.AssetCheckSpec(
            NO_DRIFT,
            asset=KEY,
            blocking=False,
            description="Nothing has drifted so far that models should be trained again.",
        ),
    ],
    pool="warehouse",
)
def drift(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Compare judged dates with the training of their champions, and old scores with outcomes.

    Outcomes are added to models.model_metrics as the split `matured`.
    """
    warehouse = segmentry.warehouse
    matured = measure_matured(warehouse, segmentry.contracts)
    dates = membership_dates(warehouse)
    rows = drift_at(warehouse, dates)
    count = replace_drift(warehouse, segmentry.contracts, rows, at_dates(dates))
    yield dg.MaterializeResult(KEY, metadata={"rows": count, "matured_metrics": matured})
    yield judge(context, segmentry, "models.drift", at_dates(dates), may_be_empty=True)
    yield _drift_check(segmentry)


def _drift_check(segmentry: SegmentryHome) -> dg.AssetCheckResult:
    """A warning: drift stops nothing, it calls for training."""
    date, reason = standing_drift(segmentry.warehouse)
    return dg.AssetCheckResult(
        passed=not reason,
        check_name=NO_DRIFT,
        asset_key=KEY,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"as_of": str(date), "drift": reason},
    )
