"""A version of next products: per level of items what was learned of them, and the rankers.

It knows items by name, so that it can be stored and speak of any later day's items.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from scipy import sparse

from ml.estimators.boosting import BoostedTrees
from ml.next_products.histories import Matrix
from ml.next_products.knowledge import ItemModel, Knowledge, count_items, learn
from ml.next_products.pairs import FEATURES, KINDS, Kind
from ml.next_products.rankers import Choice, Level, Ranker, choose_rankers

# A level, and the names of its items by code.
NamedLevel = tuple[Level, Sequence[str]]
# What the rankers read, in order.
READ = tuple(f"{kind}: {name}" for kind in KINDS for name in FEATURES[kind])


@dataclass(frozen=True)
class LevelModel:
    """One level of items. names: of the items of `items`, in its order."""

    names: tuple[str, ...]
    items: ItemModel
    rankers: Mapping[Kind, Ranker]

    def knowledge(self, level: Level, names: Sequence[str], day: int) -> Knowledge:
        """What it knows at `day` of items of these names, by code, with the counts of `level`."""
        code_of = {name: code for code, name in enumerate(names)}
        codes = np.array([code_of.get(name, -1) for name in self.names], dtype=np.int64)
        return count_items(self.items, codes, level.bought, day, level.launched_day)


@dataclass(frozen=True)
class AffinityModel:
    """What ranks next products. data_digest: fingerprint of the purchases it learned from."""

    trained_as_of: date
    data_digest: str
    levels: Mapping[str, LevelModel]

    @property
    def features(self) -> tuple[str, ...]:
        """What the rankers read of a pair of customer and item."""
        return READ

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready content, but for the arrays in it."""
        return {
            "features": list(READ),
            "trained_as_of": self.trained_as_of.isoformat(),
            "data_digest": self.data_digest,
            "levels": {name: _level_to_dict(level) for name, level in self.levels.items()},
        }

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> AffinityModel:
        """The inverse of to_dict. Raises KeyError when its rankers read other features."""
        if tuple(content["features"]) != READ:
            raise KeyError("it ranks by other features")
        return cls(
            trained_as_of=date.fromisoformat(content["trained_as_of"]),
            data_digest=content["data_digest"],
            levels={name: _level_from_dict(level) for name, level in content["levels"].items()},
        )


@dataclass(frozen=True)
class TrainedAffinity:
    """A model and how its rankers were chosen, by level."""

    model: AffinityModel
    choices: Mapping[str, Choice]


def train_affinity(
    levels: Mapping[str, NamedLevel], trained_as_of: date, seed: int = 0
) -> TrainedAffinity:
    """Learn the items and choose the rankers of every level as of one date.

    What came on the date or later is not read.
    """
    day = day_number(trained_as_of)
    digest = hashlib.sha256()
    models, choices = {}, {}
    for name, (level, names) in levels.items():
        choices[name] = choose_rankers(level, day, seed)
        known = learn(level.bought, day, level.launched_day, seed)
        models[name] = LevelModel(
            tuple(names[code] for code in known.learned), known.model, choices[name].rankers
        )
        digest.update("\n".join([name, *names]).encode())
        for history in (level.bought.before(day), level.viewed.before(day)):
            for column in (history.customer, history.item, history.day):
                digest.update(column.tobytes())
    return TrainedAffinity(AffinityModel(trained_as_of, digest.hexdigest(), models), choices)


def day_number(day: date) -> int:
    """Days since 1970-01-01, by which histories count."""
    return (day - date(1970, 1, 1)).days


def _level_to_dict(level: LevelModel) -> dict[str, Any]:
    items = level.items
    return {
        "names": list(level.names),
        "similar": _matrix_to_dict(items.similar),
        "factors": items.factors,
        "regularisation": items.regularisation,
        "reference": _matrix_to_dict(items.reference),
        "rankers": [
            {
                "kind": ranker.kind,
                "candidate": ranker.candidate,
                "reason": ranker.reason,
                "trees": ranker.trees.to_dict() if ranker.trees else None,
                "chance": list(ranker.chance) if ranker.chance else None,
            }
            for ranker in level.rankers.values()
        ],
    }


def _level_from_dict(content: dict[str, Any]) -> LevelModel:
    items = ItemModel(
        similar=_matrix_from_dict(content["similar"]),
        factors=content["factors"],
        regularisation=content["regularisation"],
        reference=_matrix_from_dict(content["reference"]),
    )
    rankers: dict[Kind, Ranker] = {
        ranker["kind"]: Ranker(
            ranker["kind"],
            ranker["candidate"],
            ranker["reason"],
            BoostedTrees.from_dict(ranker["trees"]) if ranker["trees"] else None,
            tuple(ranker["chance"]) if ranker["chance"] else None,
        )
        for ranker in content["rankers"]
    }
    return LevelModel(tuple(content["names"]), items, rankers)


def _matrix_to_dict(matrix: Matrix) -> dict[str, Any]:
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr}
    return {"shape": list(matrix.shape), **parts}


def _matrix_from_dict(content: dict[str, Any]) -> Matrix:
    parts = (content["data"], content["indices"], content["indptr"])
    return sparse.csr_array(parts, shape=tuple(content["shape"]))
