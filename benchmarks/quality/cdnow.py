"""CDNOW: the standard data of lifetime value, taken through the product's own line.

69,659 purchases of CDs by 23,570 customers whose first purchase was in the first quarter of 1997,
until the middle of 1998. The files are those that the package Lifetimes==0.11.3 carries.
"""

from __future__ import annotations

import contextlib
import datetime
import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pandas as pd

from orchestration.definitions import WHOLE_LINE, build_defs
from orchestration.home import Home
from orchestration.resources import SegmentryHome
from orchestration.run import failure_of, prepare

PACKAGE = "Lifetimes"
FILES = {"full": "CDNOW_master.txt", "sample": "CDNOW_sample.txt"}
START = datetime.date(1997, 1, 1)
END = datetime.date(1998, 7, 1)


def read_purchases(file: Path) -> pd.DataFrame:
    """customer, day, amount: one order per customer and day, as in everything published.

    The sample has its own numbers beside those of the full file.
    """
    columns = ["customer", "day", "cds", "amount"]
    is_sample = file.name == FILES["sample"]
    frame = pd.read_csv(
        file,
        sep=r"\s+",
        header=None,
        skiprows=0 if is_sample else 1,
        names=["customer_of_full", *columns] if is_sample else columns,
        dtype={"customer": str, "customer_of_full": str},
    )
    frame["day"] = pd.to_datetime(frame["day"].astype(str), format="%Y%m%d")
    return frame.groupby(["customer", "day"], as_index=False)["amount"].sum()


def write_landing(purchases: pd.DataFrame, folder: Path) -> Path:
    """One orders file in the columns of the standard source."""
    orders = pd.DataFrame(
        {
            "order_id": purchases.index.astype(str),
            "source_customer_id": purchases["customer"],
            "ordered_at": purchases["day"] + pd.Timedelta(hours=12),
            "order_amount": purchases["amount"].round(2),
        }
    )
    (folder / "orders").mkdir(parents=True)
    orders.to_csv(folder / "orders" / "orders.csv", index=False)
    return folder


def build_mart(home: Home, landing: Path, dates: Iterable[datetime.date]) -> None:
    """Land the purchases and build the feature mart at `dates`, with the product's own assets."""
    prepare(home)
    home.write_config(replace(home.read_config(), sources={"standard": str(landing)}))
    defs = build_defs(home)
    graph = defs.resolve_asset_graph()
    mart = dg.AssetSelection.keys("features/customer_features").upstream()
    keys = mart.required_multi_asset_neighbors().resolve(graph)
    planned = ("ops/build_dates", "ops/settings")
    first = {k for k in keys if k.path[0] == "raw" or k.to_user_string() in planned}
    _materialise(defs, first)
    segmentry = SegmentryHome(root=str(home.root))
    wanted = pd.DataFrame(sorted({(day, "origin") for day in dates} | {(END, "newest")}))
    wanted.columns = ["as_of_date", "purpose"]
    segmentry.warehouse.replace(segmentry.table("ops.build_dates"), wanted)
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
