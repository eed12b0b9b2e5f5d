"""The jobs over the assets, and what starts them: by the clock, or because something drifted."""

import dagster as dg

from orchestration.defs.drift import KEY
from orchestration.defs.models import labels, models
from orchestration.defs.plan import plan_config
from orchestration.resources import SegmentryHome
from segmentry.models.planning import call_for_training
from segmentry.models.schedule import Train

TRAINED = dg.AssetSelection.assets(models)
BEFORE_MODELS = dg.AssetSelection.groups("ops", "staging", "identity", "core", "features")

WHOLE_LINE = dg.define_asset_job(
    "whole_line",
    selection=dg.AssetSelection.all(),
    description="From the landed files to served segments; trains what is due.",
    executor_def=dg.in_process_executor,
)
SCORE = dg.define_asset_job(
    "score",
    selection=dg.AssetSelection.all() - TRAINED,
    description="The whole line with the models in force; trains no target and no clustering.",
    config=plan_config(Train.NEVER),
    executor_def=dg.in_process_executor,
)
RETRAIN = dg.define_asset_job(
    "retrain",
    selection=BEFORE_MODELS | dg.AssetSelection.assets(labels) | TRAINED,
    description="Trains every target and clustering on what has been landed; what is promoted "
    "serves from the next date that is scored.",
    config=plan_config(Train.NOW, "asked for"),
    executor_def=dg.in_process_executor,
)
DAILY = dg.ScheduleDefinition(
    name="daily",
    job=SCORE,
    cron_schedule="0 4 * * *",
    execution_timezone="UTC",
    description="Scores and segments, every day once the day before is in.",
)
MONTHLY = dg.ScheduleDefinition(
    name="monthly",
    job=RETRAIN,
    cron_schedule="0 2 1 * *",
    execution_timezone="UTC",
    run_config=plan_config(Train.NOW, "a month has passed"),
    description="Trains all models, on the first of each month.",
)


@dg.asset_sensor(
    asset_key=dg.AssetKey(KEY),
    job=RETRAIN,
    name="retrain_on_drift",
    description="Trains all models when what stands in models.drift calls for it: at most once for "
    "a date, and not while models are younger than a week.",
)
def retrain_on_drift(
    context: dg.SensorEvaluationContext,  # noqa: ARG001
    asset_event: dg.EventLogEntry,  # noqa: ARG001
    segmentry: SegmentryHome,
) -> dg.RunRequest | dg.SkipReason:
    call = call_for_training(segmentry.warehouse)
    if call is None:
        return dg.SkipReason("nothing calls for training")
    drifted_on, reason = call
    return dg.RunRequest(f"drift-{drifted_on}", plan_config(Train.NOW, reason))
