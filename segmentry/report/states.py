"""What is on and what is off, in a line each; a run, the report and its front page say the same."""

import re
from typing import Any

import pandas as pd

from data_contracts.wording.numbers import plural
from segmentry.warehouse.door import Reader

# Targets and clusterings that nothing scores, and why the newest attempt ended so.
_MODELS = """
    select target, bool_or(is_promoted) as is_on, arg_max(reason, trained_as_of) as reason
    from models.model_versions group by target order by target
"""
# What the reason of a model that is off says -> its few words.
_WHY = (
    (r"subscription", "no subscriptions"),
    (r"nobody is in the population", "nobody to ask about"),
    (r"history is too short|too few dates", "too little history"),
    (r"not enough data|too little data|too few|is (?:always|never) true", "too little data"),
    (r"leads yet|has lines with products", "no products"),
    (r"always saying the mean|no better than chance", "nothing beats the mean"),
)


def models_off(reader: Reader) -> dict[str, str]:
    """Targets and clusterings that have no model in use -> why."""
    rows = reader.read(_MODELS)
    off = rows[~rows["is_on"].fillna(False).astype(bool)]
    return dict(zip(off["target"], off["reason"].fillna(""), strict=True))


def models_line(reader: Reader) -> str:
    """`12 models are on, 5 off (no subscriptions: 2; too little history: 3)`; empty without any."""
    rows, off = reader.read(_MODELS), models_off(reader)
    if rows.empty:
        return ""
    on = len(rows) - len(off)
    line = f"{plural(on, 'model is', 'models are')} on"
    if not off:
        return line
    reasons = pd.Series([_in_short(reason) for reason in off.values()]).value_counts(sort=True)
    return f"{line}, {len(off)} off ({'; '.join(f'{why}: {n}' for why, n in reasons.items())})"


def segments_line(segments: list[dict[Any, Any]]) -> str:
    """`19 segments have no members`, of the approved ones; empty where all have some.

    segments: rows with status and customer_count.
    """
    empty = [r for r in segments if r["status"] == "approved" and not r["customer_count"]]
    return f"{plural(len(empty), 'segment has', 'segments have')} no members" if empty else ""


def _in_short(reason: str) -> str:
    return next((words for form, words in _WHY if re.search(form, reason)), "other reasons")
