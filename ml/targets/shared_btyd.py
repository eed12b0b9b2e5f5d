"""Buy-till-you-die models, fitted once per date and shared by every target.

They need no labels, so that the newest histories teach them, and how customers come and go does not
depend on what is asked.
"""

from __future__ import annotations

import re
from datetime import date
from threading import Lock

from data_contracts.definitions.target import Target
from ml.estimators.btyd.fit import BtydError
from ml.estimators.btyd.models import BTYD_NAMES, BuyTillYouDie, Inputs
from ml.frames import FeatureTable, Matrix

# What a label may count for these models to have an answer to it.
ANSWERED = frozenset({"order_count", "spend_amount", "first_order_days"})
_COLUMN = re.compile(r"\b[a-z_]+_(?:count|amount|days)\b")


class FittedBtyd:
    """The BTYD models of a table's histories, by date. table: of all customers."""

    def __init__(self, table: FeatureTable) -> None:
        self._table = table
        self._fitted: dict[date, dict[str, BuyTillYouDie]] = {}
        self._lock = Lock()

    def at(self, day: date, target: Target) -> dict[str, BuyTillYouDie]:
        """Name -> the model as it answers the target; those that cannot be learned are left out.

        There are none for a target that asks about something else than orders and their value.
        """
        if not set(_COLUMN.findall(target.label)) <= ANSWERED:
            return {}
        with self._lock:
            if day not in self._fitted:
                self._fitted[day] = _fit_all(self._table, day)
            fitted = self._fitted[day].items()
            return {name: m.answering(target.kind, target.horizon_days) for name, m in fitted}


def _fit_all(table: FeatureTable, day: date) -> dict[str, BuyTillYouDie]:
    inputs = Inputs.find(table.features)
    positions = table.at(day)
    if inputs is None or not len(positions):
        return {}
    x: Matrix = table.x[positions]
    fitted: dict[str, BuyTillYouDie] = {}
    for name in BTYD_NAMES:
        try:
            fitted[name] = BuyTillYouDie(name, "amount", 1, inputs).fit_histories(x)
        except BtydError:
            # Too few customers came back: the other candidates know more.
            continue
    return fitted
