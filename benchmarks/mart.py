"""The feature mart and labels of any landed files at any dates, by the product's own assets."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd

from data_contracts.compiler.to_labels import labels_sql
from data_contracts.definitions.target import Target
from orchestration.cli.progress import progress_logger
from orchestration.definitions import WHOLE_LINE, build_defs
from orchestration.resources import SegmentryHome
from orchestration.run import failure_of, prepare
from segmentry.home import Home

PLANNED = ("ops/build_dates", "ops/settings")


def build_mart(
    home: Home, source: str, landing: Path, dates: Iterable[date], newest: date
) -> SegmentryHome:
    """Land `landing` as `source` delivers it, and build features at `dates` and at `newest`.

    The plan of dates, which follows the targets of the project, is replaced. Raises RuntimeError
    with what failed.
    """
    prepare(home)
    home.write_config(replace(home.read_config(), sources={source: str(landing)}))
    defs = build_defs(home, {"progress": progress_logger})
    mart = dg.AssetSelection.keys("features/customer_features").upstream()
    keys = mart.required_multi_asset_neighbors().resolve(defs.resolve_asset_graph())
    first = {k for k in keys if k.path[0] == "raw" or k.to_user_string() in PLANNED}
    _materialise(defs, source, first)
    segmentry = SegmentryHome(root=str(home.root))
    rows = sorted({(day, "origin") for day in dates} | {(newest, "newest")})
    frame = pd.DataFrame(rows, columns=["as_of_date", "purpose"]).assign(reason=None)
    segmentry.warehouse.replace(segmentry.table("ops.build_dates"), frame)
    _materialise(defs, source, keys - first)
    return segmentry


def label_mart(segmentry: SegmentryHome, targets: Mapping[str, Target], end: date) -> None:
    """Write every label of `targets` at the dates of the mart whose window ends by `end`."""
    mart = "features.customer_features"
    dates = f"(select distinct as_of_date from {mart})"
    sql = [labels_sql([target], dates, mart, f"date '{end}'") for target in targets.values()]
    frames = [segmentry.warehouse.read(query) for query in sql]
    labels = segmentry.table("models.labels")
    segmentry.warehouse.replace(labels, pd.concat(frames, ignore_index=True))


def _materialise(defs: dg.Definitions, source: str, keys: Iterable[dg.AssetKey]) -> None:
    job = defs.resolve_job_def(WHOLE_LINE.name)
    with dg.DagsterInstance.get() as instance, contextlib.redirect_stdout(io.StringIO()):
        result = job.execute_in_process(
            {"loggers": {"progress": {"config": {"sources": [source]}}}},
            instance=instance,
            asset_selection=sorted(keys),
            raise_on_error=False,
        )
    if not result.success:
        raise RuntimeError(failure_of(result))
