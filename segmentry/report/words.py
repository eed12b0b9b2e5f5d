"""Numbers, dates and names as a person says them."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from data_contracts.wording import numbers as number_words

_NO_VALUE = "–"
LONG = 70  # characters of a description from which its last clauses are left out
# Names of models and metrics in the field's own spelling.
_SPELLING = {
    "lightgbm": "LightGBM",
    "kmeans": "KMeans",
    "gmm": "GMM",
    "ewma": "EWMA",
    "linear": "Linear model",
    "blend": "Average of models",
    "constant": "Always the mean",
    "auc": "AUC",
    "pr_auc": "PR-AUC",
    "brier": "Brier score",
    "ece": "Calibration error",
    "log_loss": "Log loss",
    "mae": "Mean error",
    "rmse": "RMSE",
    "ngini": "Normalised Gini",
    "top_decile_share": "Top-tenth share",
    "aggregate_error": "Total error",
    "stability_ari": "Stability",
    "month_ari": "Agreement after a month",
    "holdout_r2": "Holdout spend explained",
    "silhouette": "Silhouette",
}


@dataclass(frozen=True)
class Words:
    """The names that only the project's contracts know: features and targets in words.

    `features` and `targets` map a column or target name to its description.
    """

    currency: str = ""
    as_of: date | None = None
    features: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)

    def money(self, amount: float | None) -> str:
        """`$1,234`; two decimals below a hundred."""
        return (
            _NO_VALUE if missing(amount) else number_words.money(float(amount or 0), self.currency)
        )

    def feature(self, name: str) -> str:
        """The feature's description without its full stop, or its name in words."""
        words = self.features.get(name) or humanise(name)
        # What comes after a semicolon or a colon makes the definition exact, not clearer.
        words = re.split(r"[;:] |, net of ", words.strip().rstrip("."))[0]
        while len(words) > LONG and ", " in words:
            words = words.rpartition(", ")[0]
        words = re.sub(r"the (\d+ [a-z ]*?(?:days|weeks)) before as_of_date", r"the last \1", words)
        return words.replace("as_of_date", "the date of the score")

    def target(self, name: str) -> str:
        """`No order in the next 91 days` for `churn_91d`."""
        return self.targets.get(name, "").strip().rstrip(".") or _target_from_name(name)

    def score(self, target: str, score: float | None) -> str:
        """A score as a chance or an amount."""
        return self.money(score) if is_amount(target) else percent(score)


def _target_from_name(name: str) -> str:
    kind, _, horizon = name.rpartition("_")
    days = re.fullmatch(r"(\d+)d", horizon)
    forms = {
        "churn": "No order in the next {} days",
        "spend": "Spend in the next {} days",
        "purchase": "An order within {} days",
    }
    if days and kind in forms:
        return forms[kind].format(days[1])
    return humanise(name)


def is_amount(target: str) -> bool:
    """True when the target's score is an expected amount, not a probability."""
    return target.startswith(("spend", "clv", "revenue"))


def missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA."""
    if value is None:
        return True
    try:
        return bool(value != value) or (isinstance(value, float) and math.isnan(value))
    except TypeError:  # pandas.NA has no truth value
        return True


def count(number: Any) -> str:
    """`2,469`."""
    return _NO_VALUE if missing(number) else f"{int(number):,}"


def signed(number: Any) -> str:
    """`+34`, `−21`, `0`."""
    if missing(number):
        return _NO_VALUE
    value = int(number)
    return "0" if value == 0 else f"{'+' if value > 0 else '−'}{abs(value):,}"


def percent(share: Any) -> str:
    """`52%`, `4.3%`, `under 0.1%`; the share is 0..1."""
    if missing(share):
        return _NO_VALUE
    return number_words.percent(float(share))


def plain(number: Any) -> str:
    """A number with about three significant digits."""
    if missing(number):
        return _NO_VALUE
    return number_words.plain(float(number))


def day(value: Any) -> str:
    """`30 December 2017`."""
    return _NO_VALUE if missing(value) else f"{value.day} {value:%B %Y}"


def short_day(value: Any) -> str:
    """`30 Dec`."""
    return f"{value.day} {value:%b}"


def humanise(name: str) -> str:
    """`at_risk` -> `At risk`; names of the field keep their spelling."""
    if name in _SPELLING:
        return _SPELLING[name]
    if name.startswith("rule_"):
        return f"Rule: {_spelled(name.removeprefix('rule_'))}"
    text = _spelled(name)
    return text[:1].upper() + text[1:]


def _spelled(name: str) -> str:
    words = [_SPELLING.get(part, part) for part in name.split("_")]
    return re.sub(r"\b(\d+)d\b", r"\1 days", " ".join(words))


def plural(number: Any, one: str, many: str = "") -> str:
    """`1 customer`, `2 customers`."""
    return f"{count(number)} {one if int(number) == 1 else many or one + 's'}"


def listing(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]
