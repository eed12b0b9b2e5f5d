"""ops.build_dates: which dates this run builds, from D and from what was built before."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from orchestration.resources import SegmentryHome
from orchestration.specs import table_spec
from segmentry.models.planning import plan_dates, store_plan
from segmentry.models.schedule import Train


class PlanConfig(dg.Config):
    """as_of: D, as YYYY-MM-DD; by default the day after the newest event of any kind.

    train: due (what is due), never (only score) or now, for which `reason` says why.
    """

    as_of: str | None = None
    train: Train = Train.DUE
    reason: str = ""


def plan_config(train: Train, reason: str = "") -> dict[str, Any]:
    """Run configuration of a job that trains what is due, never, or now for a reason."""
    return {"ops": {"plan": {"config": {"train": train.name, "reason": reason}}}}


RAW = [table.full_name for table in load_contracts().of_stage("raw")]


@dg.multi_asset(
    name="plan",
    specs=[table_spec("ops.build_dates", RAW), table_spec("ops.settings", RAW)],
    pool="warehouse",
)
def plan(config: PlanConfig, segmentry: SegmentryHome) -> Iterator[dg.MaterializeResult]:
    """Write the dates of this run and what every stage must agree on."""
    planned = plan_dates(segmentry.warehouse, config.as_of, config.train, config.reason)
    rows = store_plan(segmentry.warehouse, planned)
    yield dg.MaterializeResult(
        ["ops", "build_dates"],
        metadata={
            "as_of": dg.MetadataValue.text(planned.newest.isoformat()),
            "training": "; ".join(f"{t.as_of}: {t.reason}" for t in planned.training),
            "rows": rows,
        },
    )
    yield dg.MaterializeResult(["ops", "settings"])
