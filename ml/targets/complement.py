"""One of two targets that are each other's opposite is derived from the other.

Whoever places no order is whoever does not place one: a second model of it would cost as much as
the first and could only disagree with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from data_contracts.definitions.target import Target
from ml.targets.exam import Exam


def find_complements(labels: pd.DataFrame, targets: Sequence[Target]) -> dict[str, str]:
    """Target -> the earlier target whose answer is always the opposite of its own.

    labels: customer_id, as_of_date, target, label. Two targets are opposite where they look equally
    far, are judged alike, and ask the same customers at the same dates, with labels that add up to
    one, or are both not known yet.
    """
    chances = [target for target in targets if target.is_probability]
    rows = dict(list(labels.groupby("target", sort=False)))
    found: dict[str, str] = {}
    for position, target in enumerate(chances):
        others = [
            other.name
            for other in chances[:position]
            if other.name not in found
            and _shape(other) == _shape(target)
            and {target.name, other.name} <= rows.keys()
            and _are_opposite(rows[target.name], rows[other.name])
        ]
        if others:
            found[target.name] = others[0]
    return found


def _shape(target: Target) -> tuple[object, ...]:
    return target.horizon_days, target.metric, tuple(target.rules), target.minimum_customers


def _are_opposite(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    if len(one) != len(other) or one["label"].sum() + other["label"].sum() != one["label"].count():
        return False
    keys = ["customer_id", "as_of_date"]
    first, second = (rows.set_index(keys)["label"].astype(np.float64) for rows in (one, other))
    return (1.0 - second.reindex(first.index)).equals(first)


def opposite_exam(exam: Exam) -> Exam:
    """The exam of the opposite target: the same customers, margins the other way round."""
    learned = exam.learned_blend
    return replace(
        exam,
        y=1.0 - exam.y,
        margins={name: -margin for name, margin in exam.margins.items()},
        scores={name: 1.0 - score for name, score in exam.scores.items()},
        learned_blend=None if learned is None else 1.0 - learned,
    )
