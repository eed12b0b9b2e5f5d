"""Laws of buying until you die, fitted once per date and shared by every target.

They need no labels, so that the newest histories teach them, and how customers come and go does not
depend on what is asked.
"""

from __future__ import annotations

import re
from datetime import date
from threading import Lock

from data_contracts.definitions.target import Target
from ml.estimators.btyd.fit import BtydError
from ml.estimators.btyd.models import LAWS, BuyTillYouDie, Inputs
from ml.frames import FeatureTable, Matrix

# What a label may count for a law to have an answer to it.
ANSWERED = frozenset({"order_count", "spend_amount", "first_order_days"})
_COLUMN = re.compile(r"\b[a-z_]+_(?:count|amount|days)\b")


class Laws:
    """The laws that the histories of a table tell, by date. table: of all customers."""

    def __init__(self, table: FeatureTable) -> None:
        self._table = table
        self._fitted: dict[date, dict[str, BuyTillYouDie]] = {}
        self._lock = Lock()

    def at(self, day: date, target: Target) -> dict[str, BuyTillYouDie]:
        """Name -> the law as it answers the target; those that cannot be learned are left out.

        There are none for a target that asks about something else than orders and their value.
        """
        if not set(_COLUMN.findall(target.label)) <= ANSWERED:
            return {}
        with self._lock:
            if day not in self._fitted:
                self._fitted[day] = _fit_laws(self._table, day)
            laws = self._fitted[day].items()
            return {name: law.asked(target.kind, target.horizon_days) for name, law in laws}


def _fit_laws(table: FeatureTable, day: date) -> dict[str, BuyTillYouDie]:
    inputs = Inputs.find(table.features)
    positions = table.at(day)
    if inputs is None or not len(positions):
        return {}
    x: Matrix = table.x[positions]
    fitted: dict[str, BuyTillYouDie] = {}
    for name in LAWS:
        try:
            fitted[name] = BuyTillYouDie(name, "amount", 1, inputs).fit_law(x)
        except BtydError:
            # Too few customers came back: the other candidates know more.
            continue
    return fitted
