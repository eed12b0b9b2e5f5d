"""What the candidates of every competition are called: targets, clusterings and next products."""

from __future__ import annotations

import re

from data_contracts.wording.names import capitalised, spelled

RULE = "rule_"
# In the midst of a sentence; at its beginning and in tables the first letter is a capital.
CANDIDATES: dict[str, str] = {
    "constant": "always saying the mean",
    "linear": "the linear model",
    "lightgbm": "LightGBM",
    "blend": "the blend of models",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "stretched": "the model of a shorter horizon, stretched",
    "rule_recency": "days since the last order",
    "rule_recency_over_gap": "days since the last order, in usual gaps",
    "rule_orders_91d": "orders in the last 91 days",
    "rule_active_weeks": "active weeks of the last 13",
    "rule_spend_91d": "spend in the last 91 days",
    "rule_spend_364d": "spend in the last 364 days",
    "rule_spend_ewma": "smoothed weekly spend",
    "rule_rfm": "recency, frequency and value",
    # Ways to rank next products.
    "rankers": "rankers of next products",
    "popularity": "what sells most",
    "frequency": "how often they bought it",
    "decayed_frequency": "how often and how lately they bought it",
    "item_knn": "what is bought together (item kNN)",
    "tifu_knn": "what similar customers buy (TIFU-kNN)",
    "als": "matrix factorisation (ALS)",
    "rank_fusion": "the fused ranks of all",
    "reranker": "the learned reranker",
}
# Methods of clustering, before the number of clusters.
METHODS: dict[str, str] = {
    "kmeans": "k-means",
    "gmm": "Gaussian mixture",
    "ward": "Ward",
    "hdbscan": "HDBSCAN",
    "tree": "regression tree",
    "ladder": "steps of expected spend",
    "calm_ladder": "calm steps of expected spend",
    "calmer_ladder": "calmer steps of expected spend",
    "calmest_ladder": "calmest steps of expected spend",
}
_CLUSTERING = re.compile(r"(?:(?P<space>\w+): )?(?P<method>[a-z_]+)_(?P<size>\d+)")


def candidate_words(candidate: str) -> str:
    """What a candidate is called in a sentence: `LightGBM`, `the simple rule 'orders in ...'`."""
    words = _named(candidate)
    return f"the simple rule '{words}'" if candidate.startswith(RULE) else words


def candidate_heading(candidate: str) -> str:
    """What a candidate is called in a table: `The blend of models`, `Rule: orders in ...`."""
    words = _named(candidate)
    if candidate.startswith(RULE):
        return f"Rule: {words}"
    return capitalised(words.removeprefix("the "))


def _named(candidate: str) -> str:
    if candidate in CANDIDATES:
        return CANDIDATES[candidate]
    found = _CLUSTERING.fullmatch(candidate)
    if found and found["method"] in METHODS:
        space = f"{found['space']}: " if found["space"] else ""
        return f"{space}{METHODS[found['method']]}, {found['size']}"
    return spelled(candidate.removeprefix(RULE))
