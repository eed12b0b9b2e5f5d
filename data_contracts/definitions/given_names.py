"""Do two people's names contradict each other, agree, or say too little?"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

CONTRADICT, UNKNOWN, AGREE = -1, 0, 1
GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


def fold(name: str | None) -> str:
    """Lower case letters without accents; a hyphen or an apostrophe is a space; no title."""
    if not name:
        return ""
    text = unicodedata.normalize("NFC", name).casefold().translate(GERMAN)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    text = re.sub(r"[^\w]+|_", " ", text)
    return " ".join(
        w for w in text.split() if w not in ("mr", "mrs", "ms", "dr", "prof", "herr", "frau")
    )


@dataclass(frozen=True)
class NameTable:
    """Given names and their short forms: `formal[x]` are the names that x may stand for."""

    formal: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str]]) -> "NameTable":
        """From rows of a name and its short forms, separated by spaces."""
        formal: dict[str, set[str]] = {}
        for name, shorts in rows:
            for called in (name, *shorts.split()):
                formal.setdefault(fold(called), set()).add(fold(name))
        return cls({called: frozenset(names) for called, names in formal.items()})

    @cached_property
    def canonical(self) -> dict[str, str]:
        """Each known name as one formal name: a quick test that two names are surely the same."""
        return {
            called: called if called in names else min(names)
            for called, names in self.formal.items()
        }

    def compare_first(self, left: str, right: str) -> int:
        """Two folded given names: short forms and initials agree, and so do misspellings.

        Two names that both exist are no misspelling of each other: Maria is not Marie.
        """
        if not left or not right:
            return UNKNOWN
        if left == right:
            return AGREE
        a, b = left.split()[0], right.split()[0]
        if a == b or (min(len(a), len(b)) == 1 and a[0] == b[0]):
            return AGREE
        known_a, known_b = self.formal.get(a), self.formal.get(b)
        if known_a and known_b:
            return AGREE if known_a & known_b else CONTRADICT
        return AGREE if is_misspelt(a, b) else CONTRADICT

    def compare_last(self, left: str, right: str) -> int:
        """Two folded family names; one part of a double name is enough."""
        if not left or not right:
            return UNKNOWN
        if left == right or is_misspelt(left, right):
            return AGREE
        return AGREE if set(left.split()) & set(right.split()) else CONTRADICT


def is_misspelt(a: str, b: str) -> bool:
    """Whether one typing error (two in a long word) turns `a` into `b`; short words need none."""
    longer = max(len(a), len(b))
    allowed = 0 if longer < 4 else 1 if longer < 8 else 2
    return abs(len(a) - len(b)) <= allowed and edit_distance(a, b) <= allowed


def edit_distance(a: str, b: str) -> int:
    """Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment)."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        row = [i]
        for j, other in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return above[-1]
