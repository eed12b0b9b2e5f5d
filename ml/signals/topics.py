"""Topics of texts: TF-IDF and a non-negative factorisation, as a stored model that only scores.

The model is fitted once, on texts known before its effective_from. A text is then weighed by
non-negative least squares against the stored topics, row by row, so that its weights do not depend
on which other texts are weighed with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer

from ml.signals.encoders import TooLittleDataError

TOPICS = 8
TOPIC_COLUMNS = [f"topic_{number}_weight" for number in range(1, TOPICS + 1)]
MIN_TEXTS = 100
NAME_WORDS = 3
_MAX_WORDS = 2000
_SWEEPS = 60
_WORDS = {
    "lowercase": True,
    "stop_words": "english",
    "token_pattern": r"(?u)\b[a-z]{3,}\b",
    "strip_accents": "unicode",
    "sublinear_tf": True,
}

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TopicModel:
    """words: n; idf: (n,); components: (8, n) of length 1; similarities: (8,), how alike each
    topic is to the one that had its number before, null in a first version."""

    words: tuple[str, ...]
    idf: Floats
    components: Floats
    similarities: tuple[float | None, ...]

    @property
    def names(self) -> list[str]:
        """Each topic by its strongest words."""
        strongest = np.argsort(-self.components, axis=1, kind="stable")[:, :NAME_WORDS]
        return [", ".join(self.words[column] for column in row) for row in strongest]

    def describe(self) -> pd.DataFrame:
        """One row per topic: topic_id, topic_name, topic_similarity."""
        return pd.DataFrame(
            {
                "topic_id": range(1, TOPICS + 1),
                "topic_name": self.names,
                "topic_similarity": pd.Series(self.similarities, dtype="float64"),
            }
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "words": list(self.words),
            "idf": self.idf.tolist(),
            "components": self.components.tolist(),
            "similarities": list(self.similarities),
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> TopicModel:
        return cls(
            tuple(stored["words"]),
            np.array(stored["idf"], dtype=np.float64),
            np.array(stored["components"], dtype=np.float64),
            tuple(stored["similarities"]),
        )


def fit_topics(texts: Sequence[str], earlier: TopicModel | None = None) -> TopicModel:
    """Eight topics of the distinct clean texts; each keeps the number of the one it resembles.

    The start (NNDSVD) is a function of the data, so equal texts give an equal model. Raises
    TooLittleDataError below 100 distinct texts or when they share too few words.
    """
    distinct = sorted({text for text in texts if text})
    if len(distinct) < MIN_TEXTS:
        raise TooLittleDataError(f"{len(distinct)} different texts, {MIN_TEXTS} are needed")
    min_df = max(2, len(distinct) // 1000)
    vectorizer = TfidfVectorizer(**_WORDS, min_df=min_df, max_df=0.5, max_features=_MAX_WORDS)
    try:
        weights = vectorizer.fit_transform(distinct)
    except ValueError as error:
        raise TooLittleDataError(f"the texts share no words: {error}") from error
    words = tuple(vectorizer.get_feature_names_out())
    if len(words) <= TOPICS:
        raise TooLittleDataError(f"the texts share {len(words)} words, {TOPICS + 1} are needed")
    factors = NMF(TOPICS, init="nndsvd", solver="cd", max_iter=400, random_state=0)
    factors.fit(weights)
    components = _unit_length(factors.components_)
    numbers = np.arange(TOPICS)
    similarities: tuple[float | None, ...] = (None,) * TOPICS
    if earlier is not None:
        numbers, similarities = _match(words, components, earlier)
    return TopicModel(words, vectorizer.idf_, components[numbers], similarities)


def _unit_length(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 1e-12, lengths, np.inf))


def _match(
    words: tuple[str, ...], components: Floats, earlier: TopicModel
) -> tuple[npt.NDArray[np.int64], tuple[float, ...]]:
    """For each earlier number the new topic that stands in its place, and their cosine."""
    position = {word: column for column, word in enumerate(words)}
    shared = [(position[w], column) for column, w in enumerate(earlier.words) if w in position]
    if not shared:
        return np.arange(TOPICS), (0.0,) * TOPICS
    new, old = np.array(shared).T
    cosines = earlier.components[:, old] @ components[:, new].T
    rows, chosen = linear_sum_assignment(-cosines)
    return chosen, tuple(float(value) for value in cosines[rows, chosen])


def weigh_topics(model: TopicModel, texts: Sequence[str]) -> pd.DataFrame:
    """topic_id (the strongest, 1..8; the lower of equals) and topic_1_weight..topic_8_weight.

    Weights of a text sum to 1; all are null where it has no word of the model.
    """
    vectorizer = TfidfVectorizer(**_WORDS, vocabulary=list(model.words))
    vectorizer.idf_ = model.idf
    rows = vectorizer.transform(texts)
    strengths = _non_negative_least_squares(
        np.asarray(rows @ model.components.T), model.components @ model.components.T
    )
    total = strengths.sum(axis=1, keepdims=True)
    shares = np.where(total > 1e-9, strengths / np.where(total > 1e-9, total, 1), np.nan)
    frame = pd.DataFrame(shares, columns=TOPIC_COLUMNS)
    strongest = pd.Series(strengths.argmax(axis=1) + 1, dtype="Int64")
    frame.insert(0, "topic_id", strongest.where(total.ravel() > 1e-9))
    return frame


def _non_negative_least_squares(projections: Floats, gram: Floats) -> Floats:
    """argmin over w >= 0 of |x - Hw| for every row at once, by cyclic coordinate descent.

    projections: x'H, (n, k); gram: H'H, (k, k). A fixed number of sweeps from zero.
    """
    solution = np.zeros_like(projections)
    for _ in range(_SWEEPS):
        for topic in range(len(gram)):
            if gram[topic, topic] <= 0:
                continue
            # Summed by column: a matrix product may round a row otherwise in another batch.
            fitted = sum(solution[:, other] * gram[other, topic] for other in range(len(gram)))
            step = (projections[:, topic] - fitted) / gram[topic, topic]
            solution[:, topic] = np.maximum(solution[:, topic] + step, 0)
    return solution
