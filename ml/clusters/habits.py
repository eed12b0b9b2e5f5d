"""Which habit of customers a feature measures; what habits are called stands in phrases.yaml."""

from __future__ import annotations

import re
from functools import cache

from data_contracts.wording.phrases import Habit, ValueName, phrase_book
from data_contracts.wording.values import value_words
from ml.clusters.columns import JOINT

BASKET = "basket"
SPENDING = "spending"


@cache
def habit_of(feature: str) -> tuple[Habit, int] | None:
    """The habit that a feature measures, and the sign with which it does; None for none."""
    for habit in phrase_book().habits:
        for pattern, sign in habit.members.items():
            if re.search(pattern, feature):
                return habit, sign
    return None


def carried_value(feature: str) -> tuple[ValueName, str] | None:
    """What carrying a value of a text column is called, and the value in words.

    None for a feature that is no such value, or of a column that has no name for its values.
    """
    column, joint, value = feature.partition(JOINT)
    name = phrase_book().values.get(column)
    return (name, value_words(column, value)) if joint and name else None


def is_spoken(feature: str) -> bool:
    """Whether names and descriptions may speak of a feature."""
    return not phrase_book().unspoken.search(feature)


def is_beside_habits(feature: str) -> bool:
    """Whether a feature measures the size of a habit or how it goes on: worth a word, no axis."""
    return JOINT in feature or bool(phrase_book().beside_habits.search(feature))
