"""Columns in words: the dictionary's description as a phrase, a heading or a noun, by one rule."""

from __future__ import annotations

import re

from data_contracts.wording.names import humanise, spelled

LONG = 70  # characters of a heading from which its last clauses are left out
_WINDOW = re.compile(r"the (\d+ [a-z ]*?(?:days|weeks)) before as_of_date")


def column_words(description: str) -> str:
    """A column's description as a phrase: without what makes the definition exact, not clearer.

    Empty for an empty description.
    """
    words = re.split(r"[;:] |, net of ", description.strip().rstrip("."))[0]
    words = _WINDOW.sub(r"the last \1", words)
    return words.replace("as_of_date", "the date of the score")


def column_heading(description: str, name: str) -> str:
    """The phrase of a column cut to a heading; its name in words where it has no description."""
    words = column_words(description) or humanise(name)
    while len(words) > LONG and ", " in words:
        words = words.rpartition(", ")[0]
    return words


def column_noun(description: str, name: str) -> str:
    """What a column is called in the midst of a sentence: its description's first clause."""
    described = re.sub(r" \([^)]*\)| at as_of_date", "", description)
    words = _WINDOW.sub(r"the last \1", re.split(r"[.,:;]", described)[0]) or spelled(name)
    return f"{words[0].lower()}{words[1:]}"
