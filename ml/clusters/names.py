"""Names and descriptions of clusters in plain words, the same for the same figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ml.clusters.habits import (
    BASKET,
    SPENDING,
    UNSPOKEN,
    Habit,
    figure_words,
    habit_of,
    is_known,
    is_worded,
    number_words,
)
from ml.clusters.profiles import differences, profile_clusters
from ml.frames import Floats

__all__ = ["Figures", "describe_clusters", "name_clusters", "profile_clusters"]

LONGEST_NAME = 48
CONTRASTS = 4
# A habit is worth a word when it is this many standard deviations from the average customer.
DISTINCT = 0.3
# The level of a cluster: its mean spending over that of the average customer.
LEVELS = ((1.75, "Top"), (1.15, "High"), (0.85, "Middle"), (0.15, "Low"), (-np.inf, "Lowest"))


@dataclass(frozen=True)
class Figures:
    """What clusters are named after.

    features: names; means: (k, features), clusters in their order; population, deviation:
    (features,) of the average customer. nan where unknown.
    """

    features: tuple[str, ...]
    means: Floats
    population: Floats
    deviation: Floats

    @property
    def gaps(self) -> Floats:
        """(k, features) differences from the average customer in standard deviations."""
        return differences(self.means, self.population, self.deviation)


@dataclass(frozen=True)
class _Theme:
    """A habit with the positions and signs of its features, and its gap in every cluster (k,)."""

    habit: Habit
    positions: tuple[int, ...]
    gaps: Floats

    def words(self, number: int) -> str:
        return self.habit.words(bool(self.gaps[number] > 0))

    def before(self, number: int) -> str:
        return self.habit.before(bool(self.gaps[number] > 0))


def name_clusters(figures: Figures, value: Floats | None, share: Floats) -> tuple[str, ...]:
    """Unique short names: the level of spending and the habits that set a cluster apart.

    value: (k,) mean spending of each cluster, nan where unknown; None where names do not speak of
    spending. share: (k,) of the customers.
    """
    themes = _themes(figures)
    levels = [""] * len(share) if value is None else _levels(themes, value, share)
    told = [_told(themes, number) for number in range(len(levels))]
    # Of two clusters with a habit in common, the one that has more of it is called after it.
    extreme = [max((abs(t.gaps[n]) for t in told[n]), default=0.0) for n in range(len(levels))]
    names: dict[int, str] = {}
    for number in sorted(range(len(levels)), key=lambda n: -float(extreme[n])):
        proposals = _proposals(levels[number], told[number], number)
        free = (n for n in proposals if len(n) <= LONGEST_NAME and n not in names.values())
        names[number] = next(free, f"{_spenders(levels[number])}, group {number + 1}")
    return tuple(names[number] for number in range(len(levels)))


def describe_clusters(figures: Figures) -> tuple[str, ...]:
    """One sentence each: three or four contrasts with the average customer in original units.

    Spending comes first, then the habits of the name; fewer where nothing else differs.
    """
    themes = _themes(figures)
    gaps = figures.gaps
    sentences = []
    for number in range(len(figures.means)):
        spending = [theme for theme in themes if theme.habit.key == SPENDING]
        ordered = {
            theme.habit.key: theme
            for theme in [*spending, *_told(themes, number), *_ranked(themes, number)]
        }
        found: list[str] = []
        for theme in ordered.values():
            position = _teller(figures, gaps, theme, number)
            is_worth = len(found) < CONTRASTS - 1 or abs(theme.gaps[number]) >= DISTINCT
            if position is None or not is_worth or len(found) == CONTRASTS:
                continue
            told = _contrast(figures, position, number, is_first=not found)
            found += [told] if told else []
        sentence = "; ".join(found) or "close to the average customer in everything"
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    return tuple(sentences)


def _themes(figures: Figures) -> list[_Theme]:
    """Features gathered by habit, in the order of the features."""
    gaps = figures.gaps
    gathered: dict[str, tuple[Habit, list[int], list[Floats]]] = {}
    for position, feature in enumerate(figures.features):
        if UNSPOKEN.search(feature):
            continue
        habit, sign = habit_of(feature)
        _, positions, signed = gathered.setdefault(habit.key, (habit, [], []))
        positions.append(position)
        signed.append(sign * gaps[:, position])
    return [
        _Theme(habit, tuple(positions), np.mean(signed, axis=0))
        for habit, positions, signed in gathered.values()
    ]


def _levels(themes: list[_Theme], value: Floats, share: Floats) -> list[str]:
    """The level of every cluster; empty where nothing is known about spending."""
    average = float((value * share).sum())
    if np.isfinite(average) and average > 0.0:
        return [next(word for least, word in LEVELS if v / average >= least) for v in value]
    spending = next((theme.gaps for theme in themes if theme.habit.key == SPENDING), None)
    if spending is None:
        return [""] * len(value)
    return [
        "High" if gap >= DISTINCT else "Low" if gap <= -DISTINCT else "Middle" for gap in spending
    ]


def _ranked(themes: list[_Theme], number: int) -> list[_Theme]:
    """Themes by how far the cluster is from the average customer and from its nearest twin."""

    def strength(theme: _Theme) -> float:
        mine = float(theme.gaps[number])
        others = np.delete(theme.gaps, number)
        nearest = float(np.abs(others - mine).min()) if len(others) else abs(mine)
        return abs(mine) + nearest

    return sorted(themes, key=lambda theme: -strength(theme))


def _told(themes: list[_Theme], number: int) -> list[_Theme]:
    """The distinct habits that have a word, the strongest first, one per family."""
    told: list[_Theme] = []
    families: set[str] = set()
    for theme in _ranked(themes, number):
        family = theme.habit.family or theme.habit.key
        if abs(theme.gaps[number]) < DISTINCT or not theme.words(number) or family in families:
            continue
        families.add(family)
        told.append(theme)
    return told


def _proposals(level: str, told: list[_Theme], number: int) -> Iterator[str]:
    """Names from the best to the plainest: two habits, one habit, the level alone."""
    phrases = [_phrase(pair, number) for pair in combinations(told[:3], 2)]
    if not level and len(told) > 2:
        three = f"{phrases[0]}, {told[2].words(number)}"
        yield three[0].upper() + three[1:]
    singles = [theme.words(number) for theme in told]
    both = [phrase[0].upper() + phrase[1:] for phrase in phrases]
    spenders = _spenders(level)
    if level:
        yield from (f"{spenders}, {phrase}" for phrase in phrases[:1])
        # Two habits in one phrase say more than a level and one of them.
        yield from (phrase for phrase in both[:1] if "," not in phrase)
        yield from (f"{spenders}, {phrase}" for phrase in singles[:1] + phrases[1:] + singles[1:])
    yield from both
    yield from (phrase[0].upper() + phrase[1:] for phrase in singles)
    yield f"{spenders}, average habits" if level else "Average habits"
    yield spenders


def _spenders(level: str) -> str:
    return f"{level} spenders" if level else "Customers"


def _phrase(pair: tuple[_Theme, ...], number: int) -> str:
    """Two habits in one: 'frequent small baskets', or 'wide range, own brands'."""
    for basket, other in (pair, pair[::-1]):
        if basket.habit.key == BASKET and other.before(number):
            return f"{other.before(number)} {basket.words(number)}"
    return ", ".join(theme.words(number) for theme in pair)


def _teller(figures: Figures, gaps: Floats, theme: _Theme, number: int) -> int | None:
    """The feature of a theme with the widest gap; of a known habit only those that read well."""
    known = [p for p in theme.positions if np.isfinite(figures.means[number, p])]
    if is_known(theme.habit):
        known = [p for p in known if is_worded(figures.features[p], bool(gaps[number, p] > 0))]
    return max(known, key=lambda p: abs(float(gaps[number, p])), default=None)


def _contrast(figures: Figures, position: int, number: int, is_first: bool) -> str | None:
    """'41 orders in 26 weeks against 60', or None where both read the same."""
    feature = figures.features[position]
    average = number_words(feature, float(figures.population[position]))
    mean = float(figures.means[number, position])
    if number_words(feature, mean) == average:
        return None
    return f"{figure_words(feature, mean)} against {average}{' on average' if is_first else ''}"
