"""The code location: every asset, the jobs over them, and what starts these."""

import os

import dagster as dg

from orchestration.defs.drift import drift
from orchestration.defs.identity import identity
from orchestration.defs.jobs import DAILY, MONTHLY, RETRAIN, SCORE, WHOLE_LINE, retrain_on_drift
from orchestration.defs.models import clusters, labels, models, promotions, scores
from orchestration.defs.next_products import affinity
from orchestration.defs.plan import plan
from orchestration.defs.raw import raw_assets
from orchestration.defs.segments import segment_neighbours, segments, segments_as_usual
from orchestration.defs.serving import report, snapshot
from orchestration.defs.signals import encoders, text_signals
from orchestration.defs.transform import build_dbt_assets
from orchestration.history import record_run
from orchestration.resources import SegmentryHome, resources
from segmentry.dbt.manifest import manifest_path
from segmentry.home import Home


def runs_recorded(status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    """Keeps the steps of runs that the daemon started, as the command line does for its own."""

    @dg.run_status_sensor(
        run_status=status,
        name=f"record_{status.value.lower()}_runs",
        description="Writes the steps of each ended run to ops.pipeline_runs.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def record(context: dg.RunStatusSensorContext, segmentry: SegmentryHome) -> None:
        record_run(context.instance, context.dagster_run.run_id, segmentry.home)

    return record


def build_defs(home: Home, loggers: dict[str, dg.LoggerDefinition] | None = None) -> dg.Definitions:
    """Everything, working in `home`. loggers: who else listens to a run, by name."""
    home.create()
    os.environ.update(home.environment())
    return dg.Definitions(
        assets=[
            *raw_assets(),
            plan,
            *build_dbt_assets(manifest_path(home)),
            identity,
            encoders,
            text_signals,
            labels,
            promotions,
            models,
            scores,
            clusters,
            affinity,
            drift,
            segments,
            segment_neighbours,
            snapshot,
            report,
        ],
        asset_checks=[segments_as_usual],
        jobs=[WHOLE_LINE, SCORE, RETRAIN],
        schedules=[DAILY, MONTHLY],
        sensors=[
            retrain_on_drift,
            runs_recorded(dg.DagsterRunStatus.SUCCESS),
            runs_recorded(dg.DagsterRunStatus.FAILURE),
        ],
        resources=resources(home),
        loggers=loggers,
    )
