"""Whom a clustering is fitted on: their columns, a month later, and what they spent since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_contracts.definitions.lens import Lens
from ml.clusters.columns import LensColumns
from ml.clusters.model import has_history
from ml.frames import Floats, Matrix, to_days
from ml.origins import MONTH_DAYS, clustering_dates


@dataclass(frozen=True)
class Customers:
    """The customers that a clustering is fitted on.

    frame, x (n, names): at fitted_as_of; later_from: those rows whose customer is there a month
    later, later (m, names): their features then; value: (n,) amount of the next 13 weeks, nan
    where unknown.
    """

    fitted_as_of: date
    frame: pd.DataFrame
    columns: LensColumns
    x: Matrix
    later_from: NDArray[np.intp]
    later: Matrix
    value: Floats


def customers_of(
    frame: pd.DataFrame, labels: pd.DataFrame, trained_as_of: date, lens: Lens, target: str
) -> Customers:
    """Whoever has history at the fitting date; the columns of the lens that the frame has."""
    days = to_days(frame["as_of_date"])
    active = has_history(frame)
    fitted, month_later = clustering_dates(trained_as_of)
    if not (active & (days == np.datetime64(fitted, "D"))).any():
        fitted, month_later = trained_as_of, trained_as_of + timedelta(days=MONTH_DAYS)
    now = frame[active & (days == np.datetime64(fitted, "D"))].reset_index(drop=True)
    later = frame[active & (days == np.datetime64(month_later, "D"))]
    found = pd.Index(later["customer_id"]).get_indexer(pd.Index(now["customer_id"]))
    if month_later > trained_as_of:
        found = np.full(len(now), -1)
    there = np.flatnonzero(found >= 0)
    columns = LensColumns.fit(now, [c for c in lens.columns if c in frame.columns])
    return Customers(
        fitted,
        now,
        columns,
        columns.matrix(now, lens.name),
        there,
        columns.matrix(later.iloc[found[there]], lens.name),
        _value(labels, now, fitted, target),
    )


def _value(labels: pd.DataFrame, now: pd.DataFrame, day: date, target: str) -> Floats:
    """The mature amount of each customer, nan where it is not known."""
    mine = labels[labels["target"] == target]
    mine = mine[to_days(mine["as_of_date"]) == np.datetime64(day, "D")]
    found = pd.Index(mine["customer_id"]).get_indexer(pd.Index(now["customer_id"]))
    amounts = np.append(mine["label"].to_numpy(dtype=np.float64), np.nan)
    return np.asarray(amounts[found])
