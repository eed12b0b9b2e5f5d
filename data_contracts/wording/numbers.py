"""Numbers as a person says them: money, shares, counted things, days, times."""

from __future__ import annotations

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def money(amount: float, currency: str) -> str:
    """`$1,234`; two decimals below a hundred."""
    number = f"{abs(amount):,.0f}" if abs(amount) >= 100 else f"{abs(amount):,.2f}"
    sign = "−" if amount < 0 and float(number.replace(",", "")) else ""
    symbol = _SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency}".strip()


def percent(share: float) -> str:
    """`52%`, `4.3%`, `under 0.1%`; the share is 0..1."""
    value = share * 100
    if 0 < abs(value) < 0.1:
        return "under 0.1%"
    # Never round a share to a certainty that it is not.
    if 99.5 <= value < 100:
        return "over 99%"
    digits = 0 if abs(value) >= 9.95 or value == 0 else 1
    return f"{value:.{digits}f}%".replace("-", "−")


def plain(number: float) -> str:
    """A number with about three significant digits."""
    if abs(number - round(number)) < 1e-9 or abs(number) >= 1000:
        text = f"{number:,.0f}"
    else:
        text = f"{number:.3g}"
    return text.replace("-", "−")


def counted(number: float, one: str, many: str) -> str:
    """`no orders`, `1 order`, `2.5 orders`."""
    if number == 0:
        return f"no {many}"
    return f"{plain(number)} {one if number == 1 else many}"


def duration(seconds: float) -> str:
    """`40 seconds`, `5 minutes`, `3.2 hours`, `6.5 days`."""
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} {'second' if round(seconds) == 1 else 'seconds'}"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} minutes"
    if seconds < 2 * _DAY:
        return f"{plain(seconds / _HOUR)} hours"
    return f"{plain(seconds / _DAY)} days"


def weekday(number: float) -> str:
    """The day of the week, Monday is 1."""
    return _WEEKDAYS[int(number) - 1] if int(number) in range(1, 8) else plain(number)


def in_unit(feature: str, value: float, currency: str) -> str:
    """A feature's value in the unit that its name carries."""
    if feature.endswith("_amount"):
        return money(value, currency)
    if feature.endswith(("_share", "_rate")) and -1 <= value <= 1:
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
        return f"{plain(value)} {'day' if value == 1 else 'days'}"
    return plain(value)
