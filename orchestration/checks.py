"""The blocking check of a table that Python wrote: its contract, by Great Expectations and SQL."""

import dagster as dg

from orchestration.resources import SegmentryHome
from segmentry.quality.validation import CheckOutcome, record, validate_table


def judge(
    context: dg.AssetExecutionContext,
    segmentry: SegmentryHome,
    full_name: str,
    where: str = "true",
    may_be_empty: bool = False,
) -> dg.AssetCheckResult:
    """Validate the rows of `full_name` that meet `where`, keep the outcome, return the check."""
    table = segmentry.table(full_name)
    outcomes = validate_table(segmentry.warehouse, table, where, may_be_empty)
    record(segmentry.warehouse, segmentry.contracts, context.run_id, outcomes)
    return check_result(full_name.split("."), outcomes)


def check_result(key: list[str], outcomes: list[CheckOutcome]) -> dg.AssetCheckResult:
    """One Dagster check over all promises of a table; the failed ones are its metadata."""
    failed = [o for o in outcomes if not o.passed and o.severity == "error"]
    return dg.AssetCheckResult(
        passed=not failed,
        check_name="contract",
        asset_key=key,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={
            "checks": len(outcomes),
            "failed": "; ".join(f"{o.check} {o.column or ''}: {o.observed}" for o in failed)[:2000],
        },
    )
