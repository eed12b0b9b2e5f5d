"""Next products: which way of ranking a customer's items is best, chosen out of time, and applied.

Every score of ml/next_products/pairs is a candidate by itself, and so is a re-ranker over all of
them. The choice is made at one date, tested at a later one, and used at a third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from ml.estimators.boosting import BoostedTrees
from ml.next_products.histories import Floats, History, at_pairs
from ml.next_products.knowledge import Knowledge, learn
from ml.next_products.pairs import KINDS, SCORES, Kind, Pairs, make_pairs
from ml.next_products.ranking_metrics import TOP, rank_pairs, ranking_figures

RERANKER = "reranker"
# Used where nothing can be evaluated.
FALLBACK: dict[Kind, str] = {"repeat": "decayed_frequency", "discover": "popularity"}
WINDOW_DAYS = 28
# Rankers learn and are evaluated on the first customers, up to so many of them and of their rows;
# what is learned of items uses all that are given.
EVALUATED_CUSTOMERS, EVALUATED_ROWS = 3000, 300_000
LEAST_CUSTOMERS = 50
TREES, LEARNING_RATE = 80, 0.1


@dataclass(frozen=True)
class Level:
    """The history of one level of items, products or categories.

    launched_day: per item the day it came on sale, NaN where nobody says.
    """

    bought: History
    viewed: History
    launched_day: NDArray[np.float64]


@dataclass(frozen=True)
class Ranker:
    """The way of ranking that was chosen for one kind.

    trees: the re-ranker, None for a single score. chance: scores, ascending, and the chance of a
    purchase within WINDOW_DAYS at each, None where none was mature enough to learn it from.
    """

    kind: Kind
    candidate: str
    reason: str
    trees: BoostedTrees | None = None
    chance: tuple[Floats, Floats] | None = None

    def score(self, pairs: Pairs) -> Floats:
        """The chosen score of each pair, higher = likelier."""
        if self.trees is None:
            return pairs.feature(self.candidate)
        return np.asarray(self.trees.margin(pairs.features), dtype=np.float32)

    def probability(self, scores: Floats) -> NDArray[np.float64]:
        """Chance of a purchase within WINDOW_DAYS, NaN where it is not known."""
        if self.trees is not None:
            return np.asarray(1.0 / (1.0 + np.exp(-scores.astype(np.float64))))
        if self.chance is None:
            return np.full(len(scores), np.nan)
        return np.asarray(np.interp(scores, *self.chance), dtype=np.float64)


@dataclass(frozen=True)
class Origin:
    """Pairs at one past day, whether each was bought in the window after it, and how many items
    each customer bought of those to be found."""

    day: int
    pairs: Pairs
    is_bought: NDArray[np.bool_]
    bought_count: NDArray[np.int64]


@dataclass(frozen=True)
class Exam:
    """How the candidates of one kind did in the window from `day` on, which no choice has seen.

    ndcg: of each candidate, per customer (code) who bought something to be found.
    """

    day: int
    customer: NDArray[np.int64]
    ndcg: Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Choice:
    """The best ranker of each kind as of a day, and how the candidates did.

    figures has kind, split, day, candidate, is_chosen, metric, value, standard_error,
    customer_count and reason; validation is where the choice was made, test is the window after
    it. exams: of the kinds for which enough customers could be evaluated.
    """

    rankers: Mapping[Kind, Ranker]
    figures: pd.DataFrame
    exams: Mapping[Kind, Exam]


def choose_rankers(level: Level, day: int, seed: int = 0) -> Choice:
    """The best ranker of each kind as of `day`, chosen on windows that have passed by then."""
    days = [day - back * WINDOW_DAYS for back in (3, 2, 1)]
    origins = [
        describe_origin(level, learn(level.bought, past, level.launched_day, seed)) for past in days
    ]
    chosen = {kind: _choose(kind, [origin[kind] for origin in origins], seed) for kind in KINDS}
    return Choice(
        {kind: of_kind.ranker for kind, of_kind in chosen.items()},
        pd.DataFrame([row for c in chosen.values() for row in c.figures], columns=FIGURES),
        {kind: of_kind.exam for kind, of_kind in chosen.items() if of_kind.exam is not None},
    )


@dataclass(frozen=True)
class _KindChoice:
    """The best ranker of one kind, how the candidates did, and the exam, if one could be held."""

    ranker: Ranker
    figures: list[dict[str, Any]]
    exam: Exam | None


FIGURES = (
    "kind",
    "split",
    "day",
    "candidate",
    "is_chosen",
    "metric",
    "value",
    "standard_error",
    "customer_count",
    "reason",
)


def evaluation_customers(bought: History) -> int:
    """How many customers, from the first on, rankers are evaluated on, within both limits."""
    rows = np.cumsum(np.bincount(bought.customer, minlength=bought.customer_count))
    within = int(np.searchsorted(rows, EVALUATED_ROWS, side="right"))
    return min(max(within, 1), bought.customer_count, EVALUATED_CUSTOMERS)


def describe_origin(level: Level, knowledge: Knowledge) -> Mapping[Kind, Origin]:
    """What was known at the past day of `knowledge` and what came after it, by kind."""
    day = knowledge.day
    customers = evaluation_customers(level.bought)
    bought = level.bought.first_customers(customers)
    viewed = level.viewed.first_customers(customers)
    pairs = make_pairs(knowledge, bought, viewed)
    known = bought.before(day).counts()
    came = bought.between(day, day + WINDOW_DAYS).counts()
    came.data[:] = 1.0
    is_known = np.diff(known.indptr) > 0
    again = came.multiply(known > 0).sum(axis=1)
    counts = {"repeat": again, "discover": came.sum(axis=1) - again}
    return {
        kind: Origin(
            day,
            found,
            at_pairs(came, found.customer, found.item) > 0,
            np.where(is_known, counts[kind], 0).astype(np.int64),
        )
        for kind, found in pairs.items()
    }


def _choose(kind: Kind, origins: list[Origin], seed: int) -> _KindChoice:
    """Choose at the second origin, test at the third; fit each time on the origins before it.

    The ranker that is returned is fitted on the second and the third.
    """
    first, validation, test = origins
    buyers = min(int((o.bought_count > 0).sum()) for o in origins)
    if buyers < LEAST_CUSTOMERS:
        reason = (
            f"only {buyers} customers bought something to be evaluated by in a window of "
            f"{WINDOW_DAYS} days; {LEAST_CUSTOMERS} are needed"
        )
        fallback = FALLBACK[kind]
        row = (kind, "none", test.day, fallback, True, None, None, None, buyers, reason)
        figures = [dict(zip(FIGURES, row, strict=True))]
        return _KindChoice(Ranker(kind, fallback, reason), figures, None)
    rules = [Ranker(kind, name, "a single score") for name in SCORES[kind]]
    seen, unseen = (
        {r.candidate: evaluate_ranker(r, origin) for r in (*rules, _reranker(kind, passed, seed))}
        for origin, passed in ((validation, [first]), (test, [first, validation]))
    )
    # A single score is fitted to no window, so that the first one tells of it too.
    earlier = {rule.candidate: evaluate_ranker(rule, first)[1] for rule in rules}
    best = max(earlier, key=lambda name: np.concatenate([earlier[name], seen[name][1]]).mean())
    chosen, reason = _chosen(best, seen[best][1], seen[RERANKER][1])
    figures = [
        row
        for split, day, found in (("validation", validation.day, seen), ("test", test.day, unseen))
        for name, values in found.items()
        for row in _figures(
            (kind, split, day, name, name == chosen), values, reason if name == chosen else None
        )
    ]
    customers = np.flatnonzero(test.bought_count > 0)
    exam = Exam(test.day, customers, {name: ndcg for name, (_, ndcg) in unseen.items()})
    if chosen == RERANKER:
        reranker = _reranker(kind, [validation, test], seed, reason)
        return _KindChoice(reranker, figures, exam)
    isotonic = IsotonicRegression(out_of_bounds="clip")
    isotonic.fit(test.pairs.feature(chosen), test.is_bought)
    chance = (isotonic.X_thresholds_, isotonic.y_thresholds_)
    return _KindChoice(Ranker(kind, chosen, reason, chance=chance), figures, exam)


def _chosen(
    best: str, simple: NDArray[np.float64], reranked: NDArray[np.float64]
) -> tuple[str, str]:
    """The best single score or the re-ranker, by NDCG per customer at validation, and why."""
    gain = reranked - simple
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    is_better = bool(gain.mean() > error)
    reason = (
        f"at validation the re-ranker's NDCG at {TOP} is {gain.mean():+.4f} (standard error "
        f"{error:.4f}) beside {simple.mean():.4f} of the best single score, "
        f"{best}: {'more' if is_better else 'not more'} than one standard error better"
    )
    return (RERANKER if is_better else best), reason


def _reranker(kind: Kind, origins: list[Origin], seed: int, reason: str = "") -> Ranker:
    """Boosted trees over all features, on the pairs of customers who bought at all."""
    kept = [(o.bought_count > 0)[o.pairs.customer] for o in origins]
    x = np.concatenate([o.pairs.features[k] for o, k in zip(origins, kept, strict=True)])
    y = np.concatenate([o.is_bought[k] for o, k in zip(origins, kept, strict=True)])
    trees = BoostedTrees(trees=TREES, learning_rate=LEARNING_RATE, seed=seed).fit(
        x, y.astype(np.float64)
    )
    return Ranker(kind, RERANKER, reason, trees)


def evaluate_ranker(
    ranker: Ranker, origin: Origin
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and NDCG of the first TOP per customer who bought something to be found."""
    pairs = origin.pairs
    rank = rank_pairs(pairs.customer, pairs.item, ranker.score(pairs))
    return ranking_figures(pairs.customer, rank, origin.is_bought, origin.bought_count)


def _figures(
    told: tuple[Any, ...],
    evaluated: tuple[NDArray[np.float64], NDArray[np.float64]],
    reason: str | None,
) -> list[dict[str, Any]]:
    rows = []
    for metric, values in zip(("recall_10", "ndcg_10"), evaluated, strict=True):
        error = values.std(ddof=1) / np.sqrt(len(values))
        figure = (metric, values.mean(), error, len(values), reason)
        rows.append(dict(zip(FIGURES, (*told, *figure), strict=True)))
    return rows


def recommend(rankers: Mapping[Kind, Ranker], knowledge: Knowledge, level: Level) -> pd.DataFrame:
    """The first TOP of each kind for every customer of `level` who bought something.

    Columns: customer, kind, rank (from 1), item, score (chance within WINDOW_DAYS, NaN unknown).
    """
    frames = []
    for kind, pairs in make_pairs(knowledge, level.bought, level.viewed).items():
        scores = rankers[kind].score(pairs)
        rank = rank_pairs(pairs.customer, pairs.item, scores)
        first = rank <= TOP
        frames.append(
            pd.DataFrame(
                {
                    "customer": pairs.customer[first],
                    "kind": kind,
                    "rank": rank[first],
                    "item": pairs.item[first],
                    "score": rankers[kind].probability(scores[first]),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
