"""Numbers as a person says them: money, shares, counted things, days, times.

A value that is missing (None, NaN, NaT, NA) is a dash in every form.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NO_VALUE = "–"
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def missing(value: Any) -> bool:
    """True for None, NaN, NaT and NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except TypeError:  # pandas.NA has no truth value
        return True


def count(number: Any) -> str:
    """`2,469`."""
    return NO_VALUE if missing(number) else f"{int(number):,}".replace("-", "−")


def signed(number: Any) -> str:
    """`+34`, `−21`, `0`."""
    if missing(number):
        return NO_VALUE
    return f"+{count(number)}" if int(number) > 0 else count(number)


def plural(number: Any, one: str, many: str = "") -> str:
    """`1 customer`, `2 customers`."""
    return f"{count(number)} {one if int(number) == 1 else many or one + 's'}"


def listing(parts: Iterable[str]) -> str:
    """`a, b and c`."""
    items = list(parts)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1]


def money(amount: Any, currency: str) -> str:
    """`$1,234`; two decimals below a hundred, none of nothing: `$0`."""
    if missing(amount):
        return NO_VALUE
    size = abs(float(amount))
    number = fixed(size, 0 if size >= 100 or size == 0 else 2)
    sign = "−" if amount < 0 and float(number.replace(",", "")) else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency}".strip()


def percent(share: Any) -> str:
    """`52%`, `4.3%`, `under 0.1%`; the share is 0..1."""
    if missing(share):
        return NO_VALUE
    value = float(share) * 100
    if 0 < abs(value) < 0.1:
        return "under 0.1%"
    # Never round a share to a certainty that it is not.
    if 99.5 <= value < 100:
        return "over 99%"
    return f"{fixed(value, 0 if abs(value) >= 9.95 or value == 0 else 1)}%"


def signed_percent(share: Any) -> str:
    """`+35%`, `−8.0%`."""
    return f"{'+' if not missing(share) and share > 0 else ''}{percent(share)}"


def plain(number: Any) -> str:
    """A number with about three significant digits."""
    if missing(number):
        return NO_VALUE
    if abs(number - round(number)) < 1e-9 or abs(number) >= 1000:
        return fixed(number, 0)
    return f"{number:.3g}".replace("-", "−")


def fixed(number: Any, decimals: int) -> str:
    """A number with so many decimals: `1,234.50`."""
    return NO_VALUE if missing(number) else f"{number:,.{decimals}f}".replace("-", "−")


def measure(number: Any) -> str:
    """A metric's value: four decimals below one, as AUC and Brier are printed; else one."""
    return fixed(number, 4 if missing(number) or abs(number) < 1.5 else 1)


def with_error(value: Any, error: Any) -> str:
    """A metric's value and its standard error, as finely: `0.7888 ± 0.0093`, `11.6 ± 0.3`."""
    return measure(value) + (f" {error_of(value, error)}" if error_of(value, error) else "")


def error_of(value: Any, error: Any) -> str:
    """`± 0.0093`: a standard error with the decimals of its value; empty where it is missing."""
    if missing(error):
        return ""
    return f"± {fixed(error, 4 if missing(value) or abs(value) < 1.5 else 1)}"


def counted(number: float, one: str, many: str) -> str:
    """`no orders`, `1 order`, `2.5 orders`."""
    if number == 0:
        return f"no {many}"
    return f"{plain(number)} {one if number == 1 else many}"


def days(number: Any) -> str:
    """`1 day`, `50 days`."""
    return f"{plain(number)} {'day' if number == 1 else 'days'}"


def duration(seconds: float) -> str:
    """`40 seconds`, `5 minutes`, `3.2 hours`, `6.5 days`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} {'second' if round(seconds) == 1 else 'seconds'}"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    if seconds < 2 * _DAY:
        return f"{plain(seconds / _HOUR)} hours"
    return days(seconds / _DAY)


def weekday(number: float) -> str:
    """The day of the week, Monday is 1."""
    return _WEEKDAYS[int(number) - 1] if int(number) in range(1, 8) else plain(number)


# How names of shares end; a rank among customers is the share that is below.
SHARES = ("_share", "_rate", "share_rank", "recency_rank", "frequency_rank", "monetary_rank")


def in_unit(feature: str, value: float, currency: str) -> str:
    """A feature's value in the unit that its name carries."""
    if feature.endswith("_amount"):
        return money(value, currency)
    if feature.endswith(SHARES) and -1 <= value <= 1:
        return percent(value)
    if feature.endswith("_ratio"):
        return f"{plain(value)} times"
    if feature.endswith("_weekday"):
        return weekday(value)
    if feature.endswith("_hour"):
        return f"{int(value)}:00"
    if feature.endswith("_seconds"):
        return duration(value)
    if feature.endswith("_days"):
        return days(value)
    return plain(value)
