"""Next products on Complete Journey at 2017-09-30: the next basket, and new items within 28 days.

Ours is chosen on windows that end by that date: a way of ranking is fitted at 2017-07-08, chosen
at 2017-08-05 and told at 2017-09-02. Purchases again and discoveries share one scale, the chance
of a purchase, and are put into one list for the next basket. The peers of the published table are
computed anew on the same customers, so that differences are paired; their own figures stand beside.

Of the published protocol the vocabulary is not told. Here it is without fuel, of products that ten
households bought and of types that fifty did: what gives the published figures back most closely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight
from numpy.typing import NDArray
from scipy import sparse

from benchmarks.quality.comparison import demo_warehouse
from ml.next_products.histories import History, at_pairs, make_history, tifu_vectors
from ml.next_products.knowledge import learn
from ml.next_products.rankers import Level, choose_rankers, recommend
from ml.next_products.ranking_metrics import TOP, ranking_figures

ORIGIN, WINDOW_DAYS = date(2017, 9, 30), 28
# Level -> its column and how many households must have bought an item.
LEVELS = {"product types": ("subcategory", 50), "products": ("product_id", 10)}
# BENCHMARKS: recall at 10 and NDCG at 10 of the next basket.
PUBLISHED = {
    "product types": {
        "popularity": (0.144, 0.193),
        "personal frequency": (0.251, 0.316),
        "frequency, 120 days": (0.2606, 0.322),
        "TIFU-kNN": (0.259, 0.322),
        "item-kNN BM25": (0.125, 0.182),
        "LightGBM re-ranker": (0.260, 0.326),
    },
    "products": {
        "popularity": (0.058, 0.088),
        "personal frequency": (0.163, 0.218),
        "frequency, 120 days": (0.164, 0.223),
        "TIFU-kNN": (0.165, 0.223),
        "item-kNN BM25": (0.078, 0.100),
        "LightGBM re-ranker": (0.170, 0.228),
    },
}
PUBLISHED_NEW = {
    "product types": {"popularity": 0.062, "ALS": 0.0798},
    "products": {"popularity": 0.017, "ALS": 0.0226},
}
_LINES = """
    select lines.identity_id, lines.order_id, products.{column} as name,
        min(lines.ordered_at) as ordered_at,
        datediff('day', date '1970-01-01', cast(min(lines.ordered_at) as date)) as day
    from core.fct_order_lines as lines
    inner join core.dim_products as products using (product_id)
    where not lines.is_return and products.{column} is not null
        and coalesce(products.subcategory, '') not like 'GASOLINE%'
    group by lines.identity_id, lines.order_id, products.{column}
"""


@dataclass(frozen=True)
class World:
    """Purchases before and after the origin; next_basket: customers x items."""

    history: History
    day: int
    next_basket: sparse.csr_array

    @property
    def known(self) -> History:
        """What was bought before the origin."""
        return self.history.before(self.day)

    def new_items(self) -> sparse.csr_array:
        """What each customer bought in the window and never before."""
        came = self.history.between(self.day, self.day + WINDOW_DAYS).counts()
        came.data[:] = 1.0
        return sparse.csr_array(came - came.multiply(self.known.counts() > 0))


def read_world(connection: duckdb.DuckDBPyConnection, column: str, least: int) -> World:
    """The purchases of everybody who bought before the origin, at one level of items."""
    rows = connection.execute(_LINES.format(column=column)).df()
    day = (ORIGIN - date(1970, 1, 1)).days
    before = rows[rows["day"] < day]
    buyers = before.groupby("name")["identity_id"].nunique()
    items = pd.Index(sorted(buyers[buyers >= least].index))
    rows = rows[rows["name"].isin(items)]
    customers = pd.Index(sorted(rows.loc[rows["day"] < day, "identity_id"].unique()))
    rows = rows[rows["identity_id"].isin(customers)].assign(
        customer=lambda f: customers.get_indexer(f["identity_id"]),
        item=lambda f: items.get_indexer(f["name"]),
    )
    later = rows[(rows["day"] >= day) & (rows["day"] < day + WINDOW_DAYS)]
    first = later.sort_values(["ordered_at", "order_id"]).drop_duplicates("customer")
    basket = later[later["order_id"].isin(first["order_id"])]
    shape = (len(customers), len(items))
    entries = (np.ones(len(basket)), (basket["customer"], basket["item"]))
    columns = (rows[name].to_numpy() for name in ("customer", "item", "day"))
    return World(
        make_history(*columns, *shape),
        day,
        sparse.csr_array(sparse.coo_array(entries, shape=shape)),
    )


def peer_scores(world: World) -> dict[str, NDArray[np.float32]]:
    """Customers x items, one matrix per peer; personal ones break ties by popularity."""
    known = world.known
    counts, own = known.counts(), tifu_vectors(known)
    knowledge = learn(known, world.day, np.full(known.item_count, np.nan))
    popular = np.asarray(counts.sum(axis=0)).ravel()
    ties = 1e-6 * popular / popular.max()
    decayed = known.weighted(0.5 ** ((world.day - known.day) / 120.0))
    similar = ItemItemRecommender(K=100, num_threads=1)
    weights = sparse.csr_matrix(bm25_weight(counts.T, 1.2, 0.75).T)
    similar.fit(weights, show_progress=False)
    near = np.zeros(counts.shape, dtype=np.float32)
    model = knowledge.model
    near[:, knowledge.learned] = model.neighbours(knowledge.on_places(own))
    # As the library makes it, with the counts as confidence; ours is regularised otherwise.
    factors = AlternatingLeastSquares(
        factors=32, regularization=0.05, iterations=10, num_threads=1, random_state=0
    )
    factors.fit(sparse.csr_matrix(counts), show_progress=False)
    return {
        "popularity": np.broadcast_to(popular, counts.shape),
        "personal frequency": counts.toarray() + ties,
        "frequency, 120 days": decayed.toarray() + ties,
        "TIFU-kNN": 0.7 * own.toarray() + 0.3 * near,
        "item-kNN BM25": (
            sparse.csr_array(counts) @ sparse.csr_array(similar.similarity)
        ).toarray(),
        "ALS": factors.user_factors @ factors.item_factors.T,
    }


def first_items(scores: NDArray[np.float32]) -> tuple[NDArray[np.int64], ...]:
    """Customer, item and rank of the first TOP of each row."""
    items = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    customers = np.repeat(np.arange(len(scores)), TOP)
    return customers, items.ravel(), np.tile(np.arange(1, TOP + 1), len(scores))


def judge(
    pairs: tuple[NDArray[np.int64], ...], truth: sparse.csr_array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recall and NDCG per customer with anything to find."""
    customer, item, rank = pairs
    found = at_pairs(truth, customer, item) > 0
    return ranking_figures(customer, rank, found, np.asarray((truth > 0).sum(axis=1)).ravel())


def our_lists(world: World) -> tuple[dict[str, tuple[NDArray[np.int64], ...]], dict[str, str]]:
    """Ours for the next basket and for new items; what was chosen, by kind."""
    known = world.known
    nothing = known.where(np.zeros(len(known.day), dtype=bool))
    level = Level(known, nothing, np.full(known.item_count, np.nan))
    rankers = choose_rankers(level, world.day).rankers
    found = recommend(rankers, learn(known, world.day, level.launched_day), level)
    order = ["customer", "score", "item"]
    basket = found.sort_values(order, ascending=[True, False, True], kind="stable")
    basket = basket.assign(rank=basket.groupby("customer").cumcount() + 1)
    lists = {"basket": basket[basket["rank"] <= TOP], "new": found[found["kind"] == "discover"]}
    columns = ("customer", "item", "rank")
    return (
        {name: tuple(f[c].to_numpy() for c in columns) for name, f in lists.items()},
        {kind: ranker.candidate for kind, ranker in rankers.items()},
    )


def report() -> list[str]:
    """Both tables, with paired differences to the best peer."""
    connection = demo_warehouse()
    if connection is None:
        return ["no warehouse; run the demo first"]
    lines = [f"Complete Journey at {ORIGIN}; ± paired standard error of the difference to ours"]
    with connection:
        for name, (column, least) in LEVELS.items():
            lines += _tables(name, read_world(connection, column, least))
    return lines


def _tables(name: str, world: World) -> list[str]:
    ours, chosen = our_lists(world)
    scores = peer_scores(world)
    peers = {peer: judge(first_items(s), world.next_basket) for peer, s in scores.items()}
    mine = judge(ours["basket"], world.next_basket)
    lines = [f"{name}, next basket, {len(mine[0]):,} customers, chosen: {chosen['repeat']}"]
    for place, metric in enumerate(("recall@10", "NDCG@10")):
        told = {peer: row[place] for peer, row in PUBLISHED[name].items()}
        lines += _table(
            metric, {p: v[place] for p, v in peers.items() if p in told}, mine[place], told
        )
    new, bought = world.new_items(), world.known.counts()
    fresh = {
        peer: judge(first_items(np.where(bought.toarray() > 0, -np.inf, scores[peer])), new)[0]
        for peer in PUBLISHED_NEW[name]
    }
    mine_new = judge(ours["new"], new)[0]
    lines.append(f"{name}, new items in 28 days, {len(mine_new):,} customers, {chosen['discover']}")
    return [*lines, *_table("recall@10", fresh, mine_new, PUBLISHED_NEW[name]), ""]


def _table(
    metric: str,
    peers: dict[str, NDArray[np.float64]],
    ours: NDArray[np.float64],
    published: dict[str, float],
) -> list[str]:
    lines = [f"  {metric:22}{'here':>10}{'published':>11}{'ours minus it':>20}"]
    for peer, figure in published.items():
        if peer in peers:
            gap = ours - peers[peer]
            error = gap.std(ddof=1) / np.sqrt(len(gap))
            here, paired = f"{peers[peer].mean():.4f}", f"{gap.mean():+.4f} ±{error:.4f}"
        else:
            here, paired = "", ""
        lines.append(f"  {peer:22}{here:>10}{figure:>11.4f}{paired:>20}")
    own_error = ours.std(ddof=1) / np.sqrt(len(ours))
    lines.append(f"  {'ours':22}{ours.mean():>10.4f}{'':>11}{f'alone ±{own_error:.4f}':>20}")
    best = max(peers, key=lambda peer: peers[peer].mean())
    gap = ours - peers[best]
    error = gap.std(ddof=1) / np.sqrt(len(gap))
    best_told = max(published, key=published.__getitem__)
    return [
        *lines,
        f"  {_verdict(-gap.mean(), error)} of the best computed here, {best}",
        f"  {_verdict(published[best_told] - ours.mean(), own_error)} of the best published, "
        f"{best_told} (our own standard error)",
    ]


def _verdict(worse: float, error: float) -> str:
    if worse <= 0:
        return "within one standard error (as good or better)"
    word = "within" if worse <= error else "NOT within"
    return f"{word} one standard error ({worse / error:.2f} worse)"
