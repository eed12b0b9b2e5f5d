"""The feature mart of any landed orders at any dates, built by the product's own assets."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd

from orchestration.definitions import WHOLE_LINE, build_defs
from orchestration.home import Home
from orchestration.resources import SegmentryHome
from orchestration.run import failure_of, prepare

PLANNED = ("ops/build_dates", "ops/settings")


def build_mart(home: Home, landing: Path, dates: Iterable[date], newest: date) -> None:
    """Land `landing` with the source standard, and build features at `dates` and at `newest`.

    The plan of dates, which follows the targets of the project, is replaced. Raises RuntimeError
    with what failed.
    """
    prepare(home)
    home.write_config(replace(home.read_config(), sources={"standard": str(landing)}))
    defs = build_defs(home)
    mart = dg.AssetSelection.keys("features/customer_features").upstream()
    keys = mart.required_multi_asset_neighbors().resolve(defs.resolve_asset_graph())
    first = {k for k in keys if k.path[0] == "raw" or k.to_user_string() in PLANNED}
    _materialise(defs, first)
    segmentry = SegmentryHome(root=str(home.root))
    rows = sorted({(day, "origin") for day in dates} | {(newest, "newest")})
    frame = pd.DataFrame(rows, columns=["as_of_date", "purpose"]).assign(reason=None)
    segmentry.warehouse.replace(segmentry.table("ops.build_dates"), frame)
    _materialise(defs, keys - first)


def _materialise(defs: dg.Definitions, keys: Iterable[dg.AssetKey]) -> None:
    job = defs.resolve_job_def(WHOLE_LINE.name)
    with dg.DagsterInstance.get() as instance, contextlib.redirect_stdout(io.StringIO()):
        result = job.execute_in_process(
            {"loggers": {"progress": {"config": {"sources": ["standard"]}}}},
            instance=instance,
            asset_selection=sorted(keys),
            raise_on_error=False,
        )
    if not result.success:
        raise RuntimeError(failure_of(result))
