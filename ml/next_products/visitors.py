"""What to show to people who bought nothing: what they looked at, what is like it, what sells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.next_products.histories import History, at_pairs, coordinates, distinct
from ml.next_products.knowledge import Knowledge
from ml.next_products.pairs import VIEW_HALF_LIFE_DAYS
from ml.next_products.ranking_metrics import TOP


def recommend_visitors(knowledge: Knowledge, viewed: History) -> pd.DataFrame:
    """The first TOP to discover for every customer of `viewed`, who may have viewed nothing.

    What was viewed comes first, the newest views weighing most; then what is bought by the same
    people as what was viewed; then what most customers bought. Columns as of rankers.recommend;
    the score is NaN, since no purchase has told how often this comes true.
    """
    known = viewed.before(knowledge.day)
    views = known.weighted(0.5 ** ((knowledge.day - known.day) / VIEW_HALF_LIFE_DAYS))
    liked = (knowledge.on_places(views) @ knowledge.model.similar).tocsr()
    on_sale = knowledge.has_launched & (knowledge.is_recent | (knowledge.buyers == 0))
    popular = _popular(knowledge, on_sale)
    rows, items = coordinates(views)
    liked_rows, liked_places = coordinates(liked)
    is_there = knowledge.learned[liked_places] >= 0
    liked_rows, liked_items = liked_rows[is_there], knowledge.learned[liked_places[is_there]]
    everybody = np.repeat(np.arange(viewed.customer_count), len(popular))
    width = max(viewed.item_count, 1)
    keys = [
        rows * width + items,
        liked_rows * width + liked_items,
        everybody * width + np.tile(popular, viewed.customer_count),
    ]
    customer, item = np.divmod(distinct(np.concatenate(keys)), width)
    kept = on_sale[item]
    customer, item = customer[kept], item[kept]
    place = knowledge.place[item]
    likeness = np.where(place >= 0, at_pairs(liked, customer, place.clip(min=0)), 0)
    strength = (-knowledge.buyers[item], -likeness, -at_pairs(views, customer, item))
    order = np.lexsort((item, *strength, customer))
    return _first(customer[order], item[order])


def _popular(knowledge: Knowledge, on_sale: NDArray[np.bool_]) -> NDArray[np.int64]:
    bought = np.flatnonzero(on_sale & (knowledge.buyers > 0))
    return bought[np.argsort(-knowledge.buyers[bought], kind="stable")[:TOP]]


def _first(customer: NDArray[np.int64], item: NDArray[np.int64]) -> pd.DataFrame:
    """The first TOP rows of each customer; rows come in order."""
    frame = pd.DataFrame({"customer": customer, "kind": "discover", "item": item, "score": np.nan})
    frame.insert(2, "rank", frame.groupby("customer").cumcount() + 1)
    return frame[frame["rank"] <= TOP].reset_index(drop=True)
