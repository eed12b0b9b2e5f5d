"""Identifiers as words: `at_risk` is 'At risk'."""

from __future__ import annotations

import re

# Parts of identifiers in the field's own spelling.
_SPELLING = {
    "rfm": "RFM",
    "sms": "SMS",
    "email": "e-mail",
    "ewma": "EWMA",
    "ip": "IP",
    "id": "ID",
}


def capitalised(text: str) -> str:
    """The text with a capital first letter; the others stay."""
    return text[:1].upper() + text[1:]


def spelled(name: str) -> str:
    """`orders_91d_count` -> `orders 91 days count`, for the midst of a sentence."""
    words = " ".join(_SPELLING.get(part, part) for part in name.split("_"))
    return re.sub(r"\b(\d+)d\b", r"\1 days", words)


def humanise(name: str) -> str:
    """`at_risk` -> `At risk`."""
    return capitalised(spelled(name))
