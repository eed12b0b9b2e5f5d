"""What many customers' purchases teach about items: popularity, likeness, factors, neighbours.

Learned at one day from what was known before it; applied to any customer's history, alone or in a
batch, with the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.nearest_neighbours import ItemItemRecommender, bm25_weight
from numpy.typing import NDArray
from scipy import sparse
from threadpoolctl import threadpool_limits

from ml.next_products.histories import Floats, History, Matrix, tifu_vectors

# An item that fewer customers bought teaches nothing about others; the rest is bounded by what
# scoring every customer against every item may cost: the first ten are hardly ever beyond it.
LEAST_BUYERS, MOST_ITEMS = 5, 5000
SIMILAR_ITEMS = 50
BM25_K1, BM25_B = 1.2, 0.75
FACTORS, ITERATIONS = 32, 10
# Keeps the equations solvable where everybody bought everything.
LEAST_REGULARISATION = 0.05
# TIFU-kNN looks for neighbours among these many customers, so that its cost grows with theirs only.
REFERENCE_CUSTOMERS, NEIGHBOURS, OWN_SHARE = 1000, 100, 0.7
RECENT_DAYS = 91
# What nobody bought for so long is taken to be off the shelves.
OFFERED_DAYS = 182
# Squared distance up to which two vectors are the same.
SAME = 1e-6
# Rows are solved one by one, so that threads change nothing; BLAS is held to one. A small matrix
# is done before a second thread is of use.
MANY_ENTRIES = 100_000


@dataclass(frozen=True)
class ItemModel:
    """What was learned of some items, which it knows by their place among them.

    similar: (items, items), BM25 likeness of each to its nearest. factors: (items, FACTORS), and
    the regularisation that they were solved with. reference: (reference customers, items), their
    TIFU vectors; whose they are is not kept.
    """

    similar: Matrix
    factors: Floats
    regularisation: float
    reference: Matrix

    @property
    def size(self) -> int:
        """How many items it knows."""
        return len(self.factors)

    def neighbours(self, own: Matrix) -> Floats:
        """Customers x items: mean TIFU vector of each customer's nearest reference customers.

        own: TIFU vectors. Nearest by Euclidean distance; who has exactly the same vector, such as
        the customer itself, is no neighbour.
        """
        near = np.zeros((own.shape[0], self.reference.shape[0]), dtype=np.float32)
        likeness = (own @ self.reference.T).toarray()
        distances = _squares(own)[:, None] + _squares(self.reference) - 2 * likeness
        distances[distances < SAME] = np.inf
        kept = min(NEIGHBOURS, near.shape[1])
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :kept]
        np.put_along_axis(near, nearest, 1.0 / max(kept, 1), axis=1)
        return np.asarray(near @ self.reference.toarray())

    def customer_factors(self, counts: Matrix) -> Floats:
        """Customers x FACTORS: each customer's factors, solved from its counts alone."""
        if self.size == 0:
            return np.zeros((counts.shape[0], FACTORS), dtype=np.float32)
        model = _als(self.regularisation, counts)
        model.item_factors = self.factors
        rows = np.arange(counts.shape[0])
        with threadpool_limits(1):
            found = model.recalculate_user(rows, _confidence(counts))
        return np.asarray(found, dtype=np.float32)


@dataclass(frozen=True)
class Knowledge:
    """What is known of items at `day`: counts of what was bought before it, and an item model.

    Per item: buyers, how many customers bought it; recent, days of customers with it in the last
    RECENT_DAYS; has_launched, is_recent: on sale by then, and bought in the last OFFERED_DAYS;
    place: its place in the model, -1 for one that the model does not know. learned: the code of
    each of the model's items, -1 for one that is gone.
    """

    day: int
    buyers: Floats
    recent: Floats
    has_launched: NDArray[np.bool_]
    is_recent: NDArray[np.bool_]
    place: NDArray[np.int64]
    learned: NDArray[np.int64]
    model: ItemModel

    def on_places(self, matrix: Matrix) -> Matrix:
        """The columns of a matrix (customers x items) that the model knows, in its order."""
        return _columns(matrix, self.learned)


def learn(
    history: History, day: int, launched_day: NDArray[np.float64], seed: int = 0
) -> Knowledge:
    """Learn an item model from the part of `history` before `day`, and count at that day.

    launched_day: per item the day it came on sale, NaN where nobody says.
    """
    known = history.before(day)
    counts = known.counts()
    learned = _learned_items(_buyers(counts))
    kept = sparse.csr_matrix(counts[:, learned])
    regularisation = _noise(kept)
    model = ItemModel(
        similar=_similar(kept),
        factors=_factors(kept, regularisation, seed),
        regularisation=regularisation,
        reference=_columns(tifu_vectors(known.first_customers(REFERENCE_CUSTOMERS)), learned),
    )
    return count_items(model, learned, history, day, launched_day)


def count_items(
    model: ItemModel,
    learned: NDArray[np.int64],
    history: History,
    day: int,
    launched_day: NDArray[np.float64],
) -> Knowledge:
    """What a model learned, with counts of the part of `history` before `day`; fits nothing.

    How many bought an item lately is a fact of the day, as a customer's own purchases are: what
    came on sale after the training is told apart from what nobody wants.
    """
    known = history.before(day)
    recent = known.between(day - RECENT_DAYS, day)
    offered = known.between(day - OFFERED_DAYS, day).item
    place = np.full(known.item_count, -1)
    place[learned[learned >= 0]] = np.flatnonzero(learned >= 0)
    return Knowledge(
        day=day,
        buyers=_buyers(known.counts()),
        recent=np.bincount(recent.item, minlength=known.item_count).astype(np.float32),
        has_launched=~(launched_day >= day),
        is_recent=np.bincount(offered, minlength=known.item_count) > 0,
        place=place,
        learned=learned,
        model=model,
    )


def _buyers(counts: Matrix) -> Floats:
    return np.bincount(counts.indices, minlength=counts.shape[1]).astype(np.float32)


def _columns(matrix: Matrix, wanted: NDArray[np.int64]) -> Matrix:
    """The columns of a matrix with these numbers; zeros for -1."""
    there = np.flatnonzero(wanted >= 0)
    entries = (np.ones(len(there), dtype=np.float32), (wanted[there], there))
    shape = (matrix.shape[1], len(wanted))
    return sparse.csr_array(matrix @ sparse.csr_array(sparse.coo_array(entries, shape=shape)))


def _learned_items(buyers: Floats) -> NDArray[np.int64]:
    """The most bought items, by code."""
    order = np.argsort(-buyers, kind="stable")[:MOST_ITEMS]
    return np.sort(order[buyers[order] >= LEAST_BUYERS])


def _similar(counts: sparse.csr_matrix) -> Matrix:
    if counts.shape[1] == 0:
        return sparse.csr_array((0, 0), dtype=np.float32)
    weights = sparse.csr_matrix(bm25_weight(counts.T, BM25_K1, BM25_B).T)
    model = ItemItemRecommender(K=SIMILAR_ITEMS, num_threads=_threads(counts))
    model.fit(weights, show_progress=False)
    return sparse.csr_array(model.similarity, dtype=np.float32)


def _factors(counts: sparse.csr_matrix, regularisation: float, seed: int) -> Floats:
    if counts.shape[1] == 0:
        return np.zeros((0, FACTORS), dtype=np.float32)
    model = _als(regularisation, counts, seed)
    with threadpool_limits(1):
        model.fit(_confidence(counts), show_progress=False)
    return np.asarray(model.item_factors, dtype=np.float32)


def _noise(counts: sparse.csr_matrix) -> float:
    """The largest singular value that mere chance gives a matrix as large and as full.

    Regularisation by it shrinks every singular value by as much (Srebro et al., NIPS 2004, on the
    trace norm), so that about what chance explains is left out, in a shop of any size.
    """
    rows, columns = counts.shape
    share = counts.nnz / max(rows * columns, 1)
    found = np.sqrt(share * (1.0 - share)) * (np.sqrt(rows) + np.sqrt(columns))
    return max(float(found), LEAST_REGULARISATION)


def _confidence(counts: Matrix) -> sparse.csr_matrix:
    """A habit of fifty purchases says more than one, but not fifty times more."""
    found = sparse.csr_matrix(counts, copy=True)
    found.data = 1.0 + np.log(found.data)
    return found


def _als(regularisation: float, counts: Matrix, seed: int = 0) -> AlternatingLeastSquares:
    return AlternatingLeastSquares(
        factors=FACTORS,
        regularization=regularisation,
        alpha=1.0,
        iterations=ITERATIONS,
        num_threads=_threads(counts),
        random_state=seed,
    )


def _threads(counts: Matrix) -> int:
    return 2 if counts.nnz > MANY_ENTRIES else 1


def _squares(vectors: Matrix) -> Floats:
    return np.asarray(vectors.multiply(vectors).sum(axis=1), dtype=np.float32).ravel()
