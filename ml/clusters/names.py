"""Names and descriptions of clusters in plain words, the same for the same figures.

A name is made of the words that data_contracts/phrases.yaml has for habits and values, never of
the name of a column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from data_contracts.wording.numbers import percent
from data_contracts.wording.phrases import Habit
from data_contracts.wording.reasons import figure_words
from ml.clusters.columns import JOINT
from ml.clusters.habits import BASKET, SPENDING, carried_value, habit_of, is_spoken
from ml.clusters.profiles import differences
from ml.frames import Floats

LONGEST_NAME = 48
MOST_WORDS = 5
CONTRASTS = 4
# A habit is worth a word when it is this many standard deviations from the average customer.
DISTINCT = 0.3
# A cluster is called after a value that more than this share of its customers carry.
MOST = 0.5
# The level of a cluster: its mean spending over that of the average customer.
LEVELS = ((1.75, "Top"), (1.15, "High"), (0.85, "Middle"), (0.15, "Low"), (-np.inf, "Lowest"))
TOP, HIGH = "Top", "High"
# No more of the customers than this are on top.
MOST_ON_TOP = 0.5


@dataclass(frozen=True)
class Figures:
    """What clusters are named after.

    features: names; means: (k, features), clusters in their order; population, deviation:
    (features,) of the average customer; nan where unknown. money: value of a text column, such as
    'top_category = FUEL' -> (k,) share of the members' money that goes there at least.
    """

    features: tuple[str, ...]
    means: Floats
    population: Floats
    deviation: Floats
    money: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def gaps(self) -> Floats:
        """(k, features) differences from the average customer in standard deviations."""
        return differences(self.means, self.population, self.deviation)


@dataclass(frozen=True)
class _Theme:
    """A habit with the positions of its features, its gap and its words in every cluster (k,)."""

    habit: Habit
    positions: tuple[int, ...]
    gaps: Floats
    words: tuple[str, ...]

    def before(self, number: int) -> str:
        """What it is called before a noun."""
        return self.habit.high_before if self.gaps[number] > 0 else self.habit.low_before

    @property
    def family(self) -> str:
        return self.habit.family or self.habit.key


def name_clusters(figures: Figures, value: Floats | None, share: Floats) -> tuple[str, ...]:
    """Unique short names: the level of spending and the habits that set a cluster apart.

    value: (k,) mean spending of each cluster, nan where unknown; None where names do not speak of
    spending. share: (k,) of the customers.
    """
    themes = _themes(figures)
    levels = [""] * len(share) if value is None else _levels(themes, value, share)
    chosen = [_distinct(themes, number) for number in range(len(levels))]
    # Of two clusters with a habit in common, the one that has more of it is called after it.
    extreme = [max((abs(t.gaps[n]) for t in chosen[n]), default=0.0) for n in range(len(levels))]
    names: dict[int, str] = {}
    for number in sorted(range(len(levels)), key=lambda n: -float(extreme[n])):
        proposals = _proposals(levels[number], chosen[number], number)
        free = (n for n in proposals if _is_short(n) and n not in names.values())
        names[number] = next(free, f"{_spenders(levels[number])}, group {number + 1}")
    return tuple(names[number] for number in range(len(levels)))


def _is_short(name: str) -> bool:
    return len(name) <= LONGEST_NAME and len(name.split()) <= MOST_WORDS


def describe_clusters(figures: Figures) -> tuple[str, ...]:
    """One sentence each: three or four contrasts with the average customer in original units.

    Spending comes first, then the habits of the name; fewer where nothing else differs.
    """
    themes = _themes(figures)
    sentences = []
    for number in range(len(figures.means)):
        spending = [theme for theme in themes if theme.habit.key == SPENDING]
        ordered = {
            theme.habit.key: theme
            for theme in [*spending, *_distinct(themes, number), *_ranked(themes, number)]
        }
        contrasts: list[str] = []
        for theme in ordered.values():
            is_worth = len(contrasts) < CONTRASTS - 1 or abs(theme.gaps[number]) >= DISTINCT
            contrast = _contrast(figures, theme, number)
            if contrast and is_worth and len(contrasts) < CONTRASTS:
                contrasts.append(contrast if contrasts else f"{contrast} on average")
        sentence = "; ".join(contrasts) or "close to the average customer in everything"
        sentences.append(f"{sentence[0].upper()}{sentence[1:]}.")
    return tuple(sentences)


def _themes(figures: Figures) -> list[_Theme]:
    """Features gathered by habit, in their order; those without words are left out."""
    gathered: dict[str, tuple[Habit, list[int], list[Floats]]] = {}
    themes: dict[str, _Theme] = {}
    for position, feature in enumerate(figures.features):
        if JOINT in feature:
            theme = _value_theme(figures, position)
            themes |= {feature: theme} if theme else {}
            continue
        habit = habit_of(feature)
        if habit is None or not is_spoken(feature):
            continue
        _, positions, signed = gathered.setdefault(habit[0].key, (habit[0], [], []))
        positions.append(position)
        signed.append(habit[1] * figures.gaps[:, position])
        themes.setdefault(habit[0].key, _Theme(habit[0], (), signed[0], ()))
    for key, (habit_found, positions, signed) in gathered.items():
        gaps = np.mean(signed, axis=0)
        words = tuple(habit_found.high if gap > 0 else habit_found.low for gap in gaps)
        themes[key] = _Theme(habit_found, tuple(positions), gaps, words)
    return list(themes.values())


def _value_theme(figures: Figures, position: int) -> _Theme | None:
    """What carrying a value is called in the clusters where most carry it."""
    feature = figures.features[position]
    carried = carried_value(feature)
    if carried is None:
        return None
    form, value = carried
    money = figures.money.get(feature, np.zeros(len(figures.means)))
    words = tuple(
        "" if not mean > MOST else (form.mostly if spent > MOST else form.name)
        for mean, spent in zip(figures.means[:, position], money, strict=True)
    )
    # One value is told once, be it bought or looked at.
    habit = Habit(feature, {}, family=form.family or value)
    return _Theme(
        habit,
        (position,),
        figures.gaps[:, position],
        tuple(form.format(value=value) for form in words),
    )


def _levels(themes: list[_Theme], value: Floats, share: Floats) -> list[str]:
    """The level of every cluster; empty where nothing is known about spending."""
    average = float((value * share).sum())
    if np.isfinite(average) and average > 0.0:
        levels = [next(word for least, word in LEVELS if v / average >= least) for v in value]
        on_top = 0.0
        for number in np.argsort(-value, kind="stable"):
            on_top += float(share[number])
            if levels[number] == TOP and on_top > MOST_ON_TOP:
                levels[number] = HIGH
        return levels
    spending = next((theme.gaps for theme in themes if theme.habit.key == SPENDING), None)
    if spending is None:
        return [""] * len(value)
    return [
        HIGH if gap >= DISTINCT else "Low" if gap <= -DISTINCT else "Middle" for gap in spending
    ]


def _ranked(themes: list[_Theme], number: int) -> list[_Theme]:
    """Themes by how far the cluster is from the average customer and from its nearest twin."""

    def strength(theme: _Theme) -> float:
        mine = float(theme.gaps[number])
        others = np.delete(theme.gaps, number)
        nearest = float(np.abs(others - mine).min()) if len(others) else abs(mine)
        return abs(mine) + nearest

    return sorted(themes, key=lambda theme: -strength(theme))


def _distinct(themes: list[_Theme], number: int) -> list[_Theme]:
    """The distinct habits that have a word, the strongest first, one per family."""
    distinct: dict[str, _Theme] = {}
    for theme in _ranked(themes, number):
        if abs(theme.gaps[number]) >= DISTINCT and theme.words[number]:
            distinct.setdefault(theme.family, theme)
    return list(distinct.values())


def _proposals(level: str, chosen: list[_Theme], number: int) -> Iterator[str]:
    """Names from the best to the plainest: two habits, one habit, the level alone."""
    phrases = [_phrase(pair, number) for pair in combinations(chosen[:3], 2)]
    if not level and len(chosen) > 2:
        three = f"{phrases[0]}, {chosen[2].words[number]}"
        yield three[0].upper() + three[1:]
    singles = [theme.words[number] for theme in chosen]
    both = [phrase[0].upper() + phrase[1:] for phrase in phrases]
    spenders = _spenders(level)
    if level:
        yield from (f"{spenders}, {phrase}" for phrase in phrases[:1])
        # Two habits in one phrase say more than a level and one of them.
        yield from (phrase for phrase in both[:1] if "," not in phrase)
        yield from (f"{spenders}, {phrase}" for phrase in singles[:1] + phrases[1:] + singles[1:])
    # What sets a cluster apart the most stays in its name where a second habit finds no room.
    alone = [phrase[0].upper() + phrase[1:] for phrase in singles]
    yield from both[:2] + alone[:1] + both[2:] + alone[1:]
    yield f"{spenders}, average habits" if level else "Average habits"
    yield spenders


def _spenders(level: str) -> str:
    return f"{level} spenders" if level else "Customers"


def _phrase(pair: tuple[_Theme, ...], number: int) -> str:
    """Two habits in one: 'frequent small baskets', or 'wide range, own brands'."""
    for basket, other in (pair, pair[::-1]):
        if basket.habit.key == BASKET and other.before(number):
            return f"{other.before(number)} {basket.words[number]}"
    return ", ".join(theme.words[number] for theme in pair)


def _contrast(figures: Figures, theme: _Theme, number: int) -> str | None:
    """'41 orders in the last 182 days against 60', of the feature with the widest gap.

    None where nothing can be said, or both figures read the same.
    """
    gaps = figures.gaps[number]
    for position in sorted(theme.positions, key=lambda p: -abs(float(gaps[p]))):
        here = _figure(figures.features[position], float(figures.means[number, position]))
        everywhere = _figure(figures.features[position], float(figures.population[position]))
        if here and everywhere:
            # Carrying a value is news, not carrying it is none.
            is_news = JOINT not in figures.features[position] or gaps[position] > 0
            return f"{here[0]} against {everywhere[1]}" if is_news and here != everywhere else None
    return None


def _figure(feature: str, mean: float) -> tuple[str, str] | None:
    """A mean in words, and the number alone; None where it is not known or cannot be said."""
    if not np.isfinite(mean):
        return None
    carried = carried_value(feature)
    if carried is None:
        return figure_words(feature, mean, is_mean=True)
    form, value = carried
    return f"{percent(mean)} {form.figure.format(value=value)}", percent(mean)
