"""The steps of a run, as ops.pipeline_runs keeps them: how each ended, its rows and seconds."""

import datetime
from dataclasses import asdict, dataclass

import pandas as pd

from data_contracts.compiler.loading import load_contracts
from segmentry.warehouse.door import Warehouse


@dataclass(frozen=True)
class Step:
    """One step that has ended. stage: of the tables it makes. started_at: in UTC, without a zone.

    row_count: rows it wrote, null where it counts none. status: success or failed.
    """

    stage: str
    step: str
    started_at: datetime.datetime
    seconds: float
    row_count: int | None
    status: str


def record_steps(warehouse: Warehouse, run_id: str, steps: list[Step]) -> None:
    """Keep the steps of one run; asking twice replaces the earlier answer."""
    if not steps:
        return
    rows = pd.DataFrame([{"run_id": run_id, **asdict(step)} for step in steps])
    rows["row_count"] = rows["row_count"].astype("Int64")
    table = load_contracts().tables["ops.pipeline_runs"]
    warehouse.replace(table, rows, f"run_id = '{run_id}'")
