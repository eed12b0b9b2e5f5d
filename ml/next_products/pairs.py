"""Pairs of customer and item that may be recommended, with what each way of scoring says of them.

Kind `repeat`: items that the customer bought. Kind `discover`: items that it did not, namely the
best of each way of finding new ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ml.next_products.histories import (
    Baskets,
    Floats,
    History,
    Matrix,
    OwnItems,
    at_pairs,
    baskets,
    distinct,
    own_items,
    tifu_weights,
)
from ml.next_products.knowledge import OFFERED_DAYS, OWN_SHARE, Knowledge
from ml.next_products.ranking_metrics import rank_pairs

Kind = Literal["repeat", "discover"]
KINDS: tuple[Kind, ...] = ("repeat", "discover")

# Each of these scores is a candidate by itself; the other features only help the re-ranker.
SCORES: dict[Kind, tuple[str, ...]] = {
    "repeat": ("popularity", "frequency", "decayed_frequency", "tifu_knn", "item_knn", "als"),
    "discover": ("popularity", "tifu_knn", "item_knn", "als", "rank_fusion"),
}
FEATURES: dict[Kind, tuple[str, ...]] = {
    "repeat": (
        *SCORES["repeat"],
        "frequency_share",
        "recent_frequency",
        "neighbours",
        "recent_popularity",
        "days_since_item",
        "days_between_item",
        "item_over_gap",
        "days_since_first",
        "basket_count",
        "days_since_basket",
        "days_between_baskets",
        "baskets_since_item",
        "views",
    ),
    "discover": (
        *SCORES["discover"],
        "recent_popularity",
        "basket_count",
        "days_since_basket",
        "item_count",
        "views",
    ),
}
HALF_LIFE_DAYS, SHORT_HALF_LIFE_DAYS, VIEW_HALF_LIFE_DAYS = 120.0, 28.0, 14.0
# Reciprocal rank fusion (Cormack et al., SIGIR 2009) and its constant.
FUSION = 60
# New items that each way of finding them may put forward, and own items that are ranked at all:
# the first ten are hardly ever beyond the most decayed frequency.
FOUND_PER_WAY, OWN_ITEMS = 40, 60


@dataclass(frozen=True)
class Pairs:
    """customer, item: codes, ordered by both. features: one column per name of FEATURES[kind]."""

    kind: Kind
    customer: NDArray[np.int64]
    item: NDArray[np.int64]
    features: Floats

    def feature(self, name: str) -> Floats:
        """One column."""
        return self.features[:, FEATURES[self.kind].index(name)]


@dataclass(frozen=True)
class _Customers:
    """What is computed once for a batch of customers, whatever the kind.

    bought, viewed: pairs with what the customers bought and looked at. neighbours, likeness:
    customers x the model's items. factors: customers x FACTORS.
    """

    bought: OwnItems
    viewed: OwnItems
    own: Baskets
    counts: Matrix
    neighbours: Floats
    likeness: Floats
    factors: Floats
    views: Matrix


def make_pairs(knowledge: Knowledge, bought: History, viewed: History) -> dict[Kind, Pairs]:
    """The pairs of every customer of `bought` and `viewed` (same codes), by kind.

    Only what both say before knowledge.day counts. What has not been launched by then, or is
    taken to be off the shelves, is in no pair.
    """
    batch = _describe(knowledge, bought.before(knowledge.day), viewed.before(knowledge.day))
    return {"repeat": _repeat(knowledge, batch), "discover": _discover(knowledge, batch)}


def _describe(knowledge: Knowledge, bought: History, viewed: History) -> _Customers:
    own, counts, model = baskets(bought), bought.counts(), knowledge.model
    known = knowledge.on_places(counts)
    return _Customers(
        bought=own_items(bought),
        viewed=own_items(viewed),
        own=own,
        counts=counts,
        neighbours=model.neighbours(knowledge.on_places(bought.weighted(tifu_weights(own)))),
        likeness=(known @ model.similar).toarray(),
        factors=model.customer_factors(known),
        views=viewed.weighted(0.5 ** ((knowledge.day - viewed.day) / VIEW_HALF_LIFE_DAYS)),
    )


def _repeat(knowledge: Knowledge, batch: _Customers) -> Pairs:
    """Every item that the customer bought and may buy again."""
    rows, items, known = batch.bought.customer, batch.bought.item, batch.bought.history
    day, own, total = knowledge.day, batch.own, batch.bought.total
    age = day - known.day
    frequency = total(np.ones(len(age)))
    first, last = batch.bought.first(known.day), batch.bought.last(known.day)
    between = np.where(frequency > 1, (last - first) / np.maximum(frequency - 1, 1), np.nan)
    count = own.count[rows]
    shared = _shared_features(knowledge, batch, rows, items)
    columns = shared | {
        "frequency": frequency,
        "decayed_frequency": total(0.5 ** (age / HALF_LIFE_DAYS)),
        "tifu_knn": OWN_SHARE * total(tifu_weights(own)) + (1 - OWN_SHARE) * shared["tifu_knn"],
        "frequency_share": frequency / count,
        "recent_frequency": total(0.5 ** (age / SHORT_HALF_LIFE_DAYS)),
        "neighbours": shared["tifu_knn"],
        "days_since_item": day - last,
        "days_between_item": between,
        "item_over_gap": (day - last) / np.maximum(between, 1),
        "days_since_first": day - first,
        "days_between_baskets": (own.last_day - own.first_day)[rows] / np.maximum(count - 1, 1),
        "baskets_since_item": count - 1 - batch.bought.last(own.place),
    }
    is_recent = knowledge.is_recent[items] | (day - last <= OFFERED_DAYS)
    is_offered = is_recent & knowledge.has_launched[items]
    kept = _first_of_each(rows, np.where(is_offered, columns["decayed_frequency"], 0.0), is_offered)
    features = _stacked("repeat", columns)
    return Pairs("repeat", rows[kept], items[kept], features[kept])


def _first_of_each(
    rows: NDArray[np.int64], strength: NDArray[Any], may_be: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether a pair may be and is among the OWN_ITEMS strongest of its customer."""
    return may_be & (rank_pairs(rows, np.arange(len(rows)), strength) <= OWN_ITEMS)


def _discover(knowledge: Knowledge, batch: _Customers) -> Pairs:
    """Items not bought: the best by factors, likeness and popularity, and what was looked at."""
    on_sale = knowledge.is_recent & knowledge.has_launched
    # What the model knows and is gone has the code -1.
    is_offered = np.append(on_sale, False)[knowledge.learned]
    offered = knowledge.learned[is_offered]
    bought = batch.counts[:, offered].toarray() > 0
    by_factors = batch.factors @ knowledge.model.factors[is_offered].T
    found = _best(by_factors, bought) | _best(batch.likeness[:, is_offered], bought)
    # Who bought all of these gets none by popularity.
    popular = np.argsort(-knowledge.buyers[offered], kind="stable")[: 4 * FOUND_PER_WAY]
    is_new = ~bought[:, popular]
    found[:, popular] |= is_new & (np.cumsum(is_new, axis=1) <= FOUND_PER_WAY)
    rows, columns = np.nonzero(found)
    # What people look at need not have been sold yet.
    seen_rows, seen_items = batch.viewed.customer, batch.viewed.item
    may_offer = knowledge.has_launched & (on_sale | (knowledge.buyers == 0))
    is_new = may_offer[seen_items] & (at_pairs(batch.counts, seen_rows, seen_items) == 0)
    width = max(len(may_offer), 1)
    keys = [rows * width + offered[columns], seen_rows[is_new] * width + seen_items[is_new]]
    rows, items = np.divmod(distinct(np.concatenate(keys)), width)
    features = _shared_features(knowledge, batch, rows, items)
    ranks = (rank_pairs(rows, items, features[way]) for way in ("als", "item_knn"))
    features["rank_fusion"] = sum((1.0 / (FUSION + r) for r in ranks), np.zeros(len(rows)))
    features["item_count"] = np.diff(batch.counts.indptr)[rows]
    return Pairs("discover", rows, items, _stacked("discover", features))


def _shared_features(
    knowledge: Knowledge, batch: _Customers, rows: NDArray[np.int64], items: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    place = knowledge.place[items]
    is_learned, known = place >= 0, place.clip(min=0)
    columns: dict[str, NDArray[Any]] = {
        "popularity": knowledge.buyers[items],
        "recent_popularity": knowledge.recent[items],
        "basket_count": batch.own.count[rows],
        "days_since_basket": knowledge.day - batch.own.last_day[rows],
        "views": at_pairs(batch.views, rows, items),
        **dict.fromkeys(("tifu_knn", "item_knn", "als"), np.zeros(len(rows), np.float32)),
    }
    if knowledge.model.size:
        dots = np.einsum("ij,ij->i", batch.factors[rows], knowledge.model.factors[known])
        columns["tifu_knn"] = np.where(is_learned, batch.neighbours[rows, known], 0)
        columns["item_knn"] = np.where(is_learned, batch.likeness[rows, known], 0)
        columns["als"] = np.where(is_learned, dots, 0)
    return columns


def _best(scores: Floats, bought: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether it is among the FOUND_PER_WAY best of its row that are above zero and not bought."""
    wanted = np.where(bought, np.float32(0.0), scores)
    place = max(wanted.shape[1] - FOUND_PER_WAY, 0)
    least = np.partition(wanted, place, axis=1)[:, [place]] if wanted.shape[1] else wanted
    return (wanted >= least) & (wanted > 0.0)


def _stacked(kind: Kind, columns: dict[str, NDArray[Any]]) -> Floats:
    """The columns in the order of FEATURES."""
    ordered = [columns[name].astype(np.float32) for name in FEATURES[kind]]
    return np.stack(ordered, axis=1) if len(ordered[0]) else np.zeros((0, len(ordered)), np.float32)
