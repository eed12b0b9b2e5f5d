"""Windows and totals as they would be if all rows had the same length of history behind them.

Where history is younger than a window, the window grows with the calendar, and a model reads the
growth as loyalty: at an origin 97 days after the first order, orders of 364 days are those of 97.
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Sequence
from threading import Lock
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator

from ml.estimators.btyd.models import INPUTS
from ml.estimators.combining import Factor
from ml.frames import Floats, Matrix

# The mart's column that says for how many days a customer's orders could be known.
HISTORY = "order_history_days"
# What orders tell in windows; other families have histories of their own.
_WINDOW = re.compile(
    r"(?:(?:discounted_|full_price_|category_)?spend|orders|category_order_days|units|lines|returns"
    r"|(distinct)_\w+)"
    r"_(\d+)d_(?:count|amount)"
)
_TOTALS = (
    *(*INPUTS[1:], "known_days"),
    *("category_order_days_count", "category_spend_amount", "category_tenure_days"),
)
# Totals are told per year.
_TOTAL_DAYS = 364
# Twice the purchases hold about 1.4 times as many different things (Heaps' law).
_DISTINCT_POWER = 0.5


class SharedMatrices:
    """What was made of a matrix, once for all who learn from the same array."""

    def __init__(self) -> None:
        self._made: dict[tuple[Any, ...], tuple[weakref.ref[Matrix], Matrix]] = {}
        self._lock = Lock()

    def of(self, x: Matrix, model: ByHistory) -> Matrix:
        """x (n, features) as the parts of `model` read it."""
        key = (id(x), *model.places)
        with self._lock:
            known = self._made.get(key)
            if known is None or known[0]() is not x:
                gone = weakref.ref(x, lambda _: self._made.pop(key, None))
                known = self._made[key] = gone, model.level(x)
            return known[1]


_SHARED = SharedMatrices()


class ByHistory(BaseEstimator):  # type: ignore[misc]
    """A part that reads windows and totals per length of history, and not that length itself.

    history: the column of HISTORY. windows: columns with their days; distinct: those among them
    that count different things; totals: columns of all that was ever known. A value is multiplied
    by how much longer its window is than history, so that contributions stay those of its column.
    """

    type_name: ClassVar[str] = "by_history"

    def __init__(
        self,
        part: Factor,
        history: int,
        windows: Sequence[tuple[int, int]] = (),
        distinct: Sequence[int] = (),
        totals: Sequence[int] = (),
    ) -> None:
        self.part = part
        self.history = history
        self.windows = windows
        self.distinct = distinct
        self.totals = totals

    @classmethod
    def around(cls, part: Factor, features: Sequence[str], is_levelled: bool) -> Factor:
        """The part, reading `features` so; itself where the length of history is unknown.

        is_levelled: False only hides the length of history.
        """
        if HISTORY not in features:
            return part
        history = features.index(HISTORY)
        if not is_levelled:
            return cls(part, history)
        found = [(at, _WINDOW.fullmatch(name)) for at, name in enumerate(features)]
        windows = [(at, int(match[2])) for at, match in found if match]
        distinct = [at for at, match in found if match and match[1]]
        totals = [at for at, name in enumerate(features) if name in _TOTALS]
        return cls(part, history, windows, distinct, totals)

    @property
    def places(self) -> tuple[object, ...]:
        """What decides how a matrix is read."""
        return self.history, tuple(self.windows), tuple(self.distinct), tuple(self.totals)

    def level(self, x: Matrix) -> Matrix:
        """x (n, features) with its columns put on the same length of history; a copy."""
        made = x.copy(order="K")
        made[:, self.history] = np.nan
        days = x[:, self.history].astype(np.float64)
        days[~(days > 0.0)] = np.nan
        different = set(self.distinct)
        for column, window in self.windows:
            missing = np.fmax(window / days, 1.0)
            made[:, column] *= missing**_DISTINCT_POWER if column in different else missing
        for column in self.totals:
            made[:, column] *= np.where(np.isnan(days), 1.0, _TOTAL_DAYS / days)
        return made

    def fit(self, x: Matrix, y: Floats, exposure: Floats | None = None) -> Self:
        """Fit the part; exposure as the part takes it."""
        self.part.fit(_SHARED.of(x, self), y, exposure)
        return self

    def margin(self, x: Matrix) -> Floats:
        """The part's margins, shape (n,)."""
        return self.part.margin(_SHARED.of(x, self))

    def contributions(self, x: Matrix) -> Floats:
        """The part's contributions; the length of history has none."""
        return self.part.contributions(_SHARED.of(x, self))

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content."""
        return {
            "type": self.type_name,
            "part": self.part.to_dict(),
            "history": self.history,
            "windows": [list(pair) for pair in self.windows],
            "distinct": list(self.distinct),
            "totals": list(self.totals),
        }

    @classmethod
    def from_parts(cls, content: dict[str, Any], part: Factor) -> ByHistory:
        """The inverse of to_dict, with its part rebuilt."""
        windows = [(int(column), int(days)) for column, days in content["windows"]]
        return cls(part, int(content["history"]), windows, content["distinct"], content["totals"])
