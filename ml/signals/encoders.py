"""Vectors for what people do in sequence: products bought, actions taken.

Tokens that occur near each other in one person's sequence get near vectors: positive pointwise
mutual information, reduced by a truncated SVD (Levy and Goldberg, "Neural Word Embedding as
Implicit Matrix Factorization", NIPS 2014; the square root of the singular values as in Levy,
Goldberg and Dagan, TACL 2015). Everything here is deterministic and independent of row order.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, sparse
from scipy.sparse.linalg import eigsh

DIMENSIONS = 8
VECTOR_COLUMNS = [f"vector_{number}" for number in range(1, DIMENSIONS + 1)]
TOKEN, GROUP = "token", "group"

Numbers = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float64]


class TooLittleDataError(ValueError):
    """There is not enough to learn from yet; the message says what is missing."""


@dataclass(frozen=True)
class EncoderSettings:
    """window: how many later tokens of a sequence count as near.

    min_count: rarer tokens share the vector of their group. max_tokens: the most frequent get a
    vector of their own.
    """

    window: int = 5
    min_count: int = 20
    max_tokens: int = 5000


@dataclass(frozen=True)
class _Units:
    """Which vector each event uses: a frequent token's own, or its group's; -1 for none."""

    unit: Numbers
    tokens: list[str]
    groups: list[str]

    @property
    def count(self) -> int:
        return len(self.tokens) + len(self.groups)


def fit_vectors(events: pd.DataFrame, settings: EncoderSettings | None = None) -> pd.DataFrame:
    """Vectors of length 1 for every frequent token and every group.

    `events` has sequence, occurred_at, token and token_group (may be null); the result has
    token_kind (token | group), token, occurrence_count and vector_1..8. A group's vector is the
    mean over its events. Raises TooLittleDataError below 9 different tokens or without a pair.
    """
    settings = settings or EncoderSettings()
    events = events[events["token"].notna() & events["sequence"].notna()]
    token_codes, tokens = pd.factorize(events["token"], sort=True)
    group_codes, groups = pd.factorize(events["token_group"], sort=True)
    units = _choose_units(token_codes, list(tokens), group_codes, list(groups), settings)
    if units.count <= DIMENSIONS:
        raise TooLittleDataError(
            f"{units.count} tokens occur {settings.min_count} times or more, "
            f"{DIMENSIONS + 1} are needed"
        )
    sequence_codes, _ = pd.factorize(events["sequence"], sort=True)
    times = events["occurred_at"].to_numpy("datetime64[us]").astype(np.int64)
    order = _order(sequence_codes, times, token_codes)
    pairs = _near_pairs(sequence_codes[order], units.unit[order], units.count, settings.window)
    if not pairs.nnz:
        raise TooLittleDataError("no two different tokens stand near each other in any sequence")
    vectors = _reduce(_positive_information(pairs))
    return _as_frame(units, vectors, group_codes, list(groups), settings)


def _choose_units(
    token_codes: Numbers,
    tokens: list[str],
    group_codes: Numbers,
    groups: list[str],
    settings: EncoderSettings,
) -> _Units:
    counts = np.bincount(token_codes, minlength=len(tokens))
    by_count = np.lexsort((np.arange(len(tokens)), -counts))[: settings.max_tokens]
    chosen = np.sort(by_count[counts[by_count] >= settings.min_count])
    unit_of_token = np.full(len(tokens), -1)
    unit_of_token[chosen] = np.arange(len(chosen))
    unit = unit_of_token[token_codes]
    rare = (unit < 0) & (group_codes >= 0)
    rare_counts = np.bincount(group_codes[rare], minlength=len(groups))
    shared = np.flatnonzero(rare_counts >= settings.min_count)
    unit_of_group = np.full(len(groups) + 1, -1)  # the last stands for no group
    unit_of_group[shared] = len(chosen) + np.arange(len(shared))
    unit = np.where(rare, unit_of_group[group_codes], unit)
    return _Units(unit, [tokens[c] for c in chosen], [groups[c] for c in shared])


def _order(sequences: Numbers, times: Numbers, tokens: Numbers) -> Numbers:
    """By sequence and time; what happened at once (a basket) in an order that means nothing.

    In alphabetical order, tokens that are spelled alike would always be neighbours.
    """
    with np.errstate(over="ignore"):
        mixed = tokens.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= times.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)
    return np.lexsort((mixed, times, sequences))


def _near_pairs(sequences: Numbers, units: Numbers, count: int, window: int) -> Any:
    """How often two different units stand at most `window` apart: symmetric, (count, count)."""
    known = units >= 0
    sequences, units = sequences[known], units[known]
    total = sparse.csr_array((count, count), dtype=np.float64)
    for offset in range(1, window + 1):
        left, right = units[:-offset], units[offset:]
        near = (sequences[:-offset] == sequences[offset:]) & (left != right)
        ones = np.ones(int(near.sum()))
        total = total + sparse.coo_array((ones, (left[near], right[near])), (count, count)).tocsr()
    return (total + total.T).tocsr()


def _positive_information(pairs: Any) -> Any:
    """log(p(a, b) / p(a) p(b)) where that is positive, else zero."""
    sums = np.asarray(pairs.sum(axis=1)).ravel()
    found = pairs.tocoo()
    rows, columns = found.coords
    values = np.log(found.data * sums.sum() / (sums[rows] * sums[columns]))
    information = sparse.coo_array((np.maximum(values, 0), (rows, columns)), pairs.shape).tocsr()
    information.eliminate_zeros()
    return information


def _reduce(information: Any) -> Vectors:
    """(n, 8) vectors of length 1 (or 0); each axis points where its largest entry is positive."""
    start = np.ones(information.shape[0])
    # The matrix is symmetric: its singular vectors are its eigenvectors, found in half the time.
    values, left = eigsh(information, k=DIMENSIONS, which="LM", v0=start, maxiter=10_000)
    strongest = np.argsort(-np.abs(values), kind="stable")
    vectors = left[:, strongest] * np.sqrt(np.abs(values[strongest]))
    largest = np.abs(vectors).argmax(axis=0)
    vectors *= np.where(vectors[largest, np.arange(DIMENSIONS)] < 0, -1, 1)
    return _unit_length(vectors)


def _unit_length(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 1e-12, lengths, np.inf)


def _as_frame(
    units: _Units,
    vectors: Vectors,
    group_codes: Numbers,
    groups: list[str],
    settings: EncoderSettings,
) -> pd.DataFrame:
    known = units.unit >= 0
    counts = np.bincount(units.unit[known], minlength=units.count)
    grouped = known & (group_codes >= 0)
    shares = sparse.coo_array(
        (np.ones(int(grouped.sum())), (group_codes[grouped], units.unit[grouped])),
        (len(groups), units.count),
    ).tocsr()
    sizes = np.asarray(shares.sum(axis=1)).ravel()
    means = _unit_length(shares @ vectors)
    large = np.flatnonzero(sizes >= settings.min_count)
    own = len(units.tokens)
    frame = pd.DataFrame(
        np.vstack([vectors[:own], means[large]]).reshape(-1, DIMENSIONS), columns=VECTOR_COLUMNS
    )
    frame.insert(0, "occurrence_count", np.concatenate([counts[:own], sizes[large]]).astype(int))
    frame.insert(0, "token", [*units.tokens, *(groups[code] for code in large)])
    frame.insert(0, "token_kind", [TOKEN] * own + [GROUP] * len(large))
    return frame


def align_vectors(vectors: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """`vectors` turned so that tokens of both versions lie as near as can be to where they lay.

    An orthogonal Procrustes rotation: angles between tokens stay. With fewer than eight tokens in
    common nothing is turned.
    """
    key = ["token_kind", "token"]
    both = vectors.merge(earlier, on=key, suffixes=("", "_earlier"))
    if len(both) < DIMENSIONS:
        return vectors
    target = both[[f"{column}_earlier" for column in VECTOR_COLUMNS]].to_numpy()
    rotation, _ = linalg.orthogonal_procrustes(both[VECTOR_COLUMNS].to_numpy(), target)
    turned = vectors[VECTOR_COLUMNS].to_numpy() @ rotation
    return vectors.assign(**dict(zip(VECTOR_COLUMNS, turned.T, strict=True)))


def digest_vectors(vectors: pd.DataFrame) -> str:
    """sha256 over tokens and vectors, whatever the order of the rows."""
    ordered = vectors.sort_values(["token_kind", "token"], kind="stable")
    digest = hashlib.sha256()
    names = ordered["token_kind"].astype(object) + "\t" + ordered["token"].astype(object)
    digest.update("\n".join(names).encode())
    digest.update(np.ascontiguousarray(ordered[VECTOR_COLUMNS].to_numpy("<f8")).tobytes())
    return digest.hexdigest()
