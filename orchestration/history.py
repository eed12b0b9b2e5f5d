"""ops.pipeline_runs: every step of a run with its rows and seconds, from Dagster's own events."""

import datetime
from typing import Any

import dagster as dg
import pandas as pd

from data_contracts.compiler.loading import load_contracts
from segmentry.home import Home
from segmentry.warehouse.door import Warehouse


def record_run(instance: dg.DagsterInstance, run_id: str, home: Home) -> None:
    """Write the steps of one run; asking twice replaces the earlier answer."""
    rows: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    stages: dict[str, str] = {}
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        if event.is_step_materialization:
            materialized = event.step_materialization_data.materialization
            stages.setdefault(event.step_key, materialized.asset_key.path[0])
            rows_value = materialized.metadata.get("rows")
            if rows_value is not None and isinstance(rows_value.value, int):
                counts[event.step_key] = counts.get(event.step_key, 0) + rows_value.value
        elif event.is_step_success or event.is_step_failure:
            rows.append({"step": event.step_key, "ended": entry.timestamp, "event": event})
    if not rows:
        return
    frame = pd.DataFrame([_row(run_id, item, counts, stages) for item in rows])
    frame["row_count"] = frame["row_count"].astype("Int64")
    table = load_contracts().tables["ops.pipeline_runs"]
    Warehouse(home).replace(table, frame, f"run_id = '{run_id}'")


def _row(
    run_id: str, item: dict[str, Any], counts: dict[str, int], stages: dict[str, str]
) -> dict[str, Any]:
    event, step = item["event"], item["step"]
    seconds = event.step_success_data.duration_ms / 1000 if event.is_step_success else 0.0
    ended = datetime.datetime.fromtimestamp(item["ended"], datetime.UTC).replace(tzinfo=None)
    return {
        "run_id": run_id,
        "stage": stages.get(step, step.split("_")[0]),
        "step": step,
        "started_at": ended - datetime.timedelta(seconds=seconds),
        "seconds": seconds,
        "row_count": counts.get(step),
        "status": "success" if event.is_step_success else "failed",
    }
