"""Dates as a person writes them, the same in every locale."""

from __future__ import annotations

from datetime import date

from data_contracts.wording.numbers import NO_VALUE, missing

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date | None) -> str:
    """`23 Dec 2017`; a missing date is a dash."""
    return NO_VALUE if day is None or missing(day) else f"{short_day(day)} {day.year}"


def short_day(day: date) -> str:
    """`23 Dec`, where the year is plain."""
    return f"{day.day} {MONTHS[day.month - 1]}"
