"""The steps of a run out of Dagster's own events, for ops.pipeline_runs."""

import datetime

import dagster as dg

from segmentry.home import Home
from segmentry.quality.steps import Step, record_steps
from segmentry.warehouse.door import Warehouse


def record_run(instance: dg.DagsterInstance, run_id: str, home: Home) -> None:
    """Write the steps of one run; asking twice replaces the earlier answer."""
    record_steps(Warehouse(home), run_id, steps_of(instance, run_id))


def steps_of(instance: dg.DagsterInstance, run_id: str) -> list[Step]:
    """Every step of a run that has ended, in the order of their ends."""
    steps: list[Step] = []
    counts: dict[str, int] = {}
    stages: dict[str, str] = {}
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        key = event.step_key
        if event.is_step_materialization:
            made = event.step_materialization_data.materialization
            stages.setdefault(key, made.asset_key.path[0])
            rows = made.metadata.get("rows")
            if rows is not None and isinstance(rows.value, int):
                counts[key] = counts.get(key, 0) + rows.value
        elif event.is_step_success or event.is_step_failure:
            stage = stages.get(key, key.split("_")[0])
            steps.append(_step(event, stage, entry.timestamp, counts.get(key)))
    return steps


def _step(event: dg.DagsterEvent, stage: str, ended_at: float, row_count: int | None) -> Step:
    """A step that ended at a Unix time; how long a failed one took is not in its event."""
    seconds = event.step_success_data.duration_ms / 1000 if event.is_step_success else 0.0
    ended = datetime.datetime.fromtimestamp(ended_at, datetime.UTC).replace(tzinfo=None)
    started = ended - datetime.timedelta(seconds=seconds)
    status = "success" if event.is_step_success else "failed"
    return Step(stage, str(event.step_key), started, seconds, row_count, status)
