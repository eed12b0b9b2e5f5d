"""The evidence as arrays: nodes by age, candidate edges, what records are called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from data_contracts.definitions.identity_rules import Rules
from ml.identity.merge_order import Ints
from ml.identity.normalise import ANY_SOURCE, GLOBAL_TYPES, is_role_address, normalise

SPELLING = ["source_system", "identifier_type", "identifier"]
EPOCH = np.datetime64("1970-01-01", "D")


@dataclass(frozen=True)
class Nodes:
    """One row per identifier: `frame` has identity_id, source_system, identifier_type, identifier,
    known_at, is_blocked, follows, is_role, oldest first; `spellings` leads there by `node`."""

    frame: pd.DataFrame
    spellings: pd.DataFrame
    priority: Ints = field(repr=False)
    day: Ints = field(repr=False)


@dataclass(frozen=True)
class Edges:
    """Pairs of nodes with the day since 1970 on which they were first seen together.

    certain: stands without questions (a manual include).
    """

    left: Ints
    right: Ints
    day: Ints
    rule: npt.NDArray[np.object_]
    evidence: npt.NDArray[np.object_]
    confidence: npt.NDArray[np.float64]
    certain: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.left)

    def take(self, positions: Ints) -> "Edges":
        """Some of the edges."""
        return Edges(*(getattr(self, f.name)[positions] for f in fields(self)))


def build_nodes(
    sightings: pd.DataFrame,
    regions: Mapping[str, str],
    rules: Rules,
    hash_texts: Callable[[pa.Array], pa.Array],
) -> Nodes:
    """Nodes of all spellings. `sightings`: source_system, identifier_type, identifier, known_at.

    The age of a node is when any of its spellings was first known; ids decide ties.
    """
    pieces = []
    for name, part in sightings.groupby("identifier_type", sort=True, observed=True):
        spelled = pa.array(part["identifier"], pa.string())
        values, blocked = normalise(str(name), spelled, regions, rules)
        scope = ANY_SOURCE if name in GLOBAL_TYPES else part["source_system"]
        piece = part.assign(scope=scope, value=values.to_pandas().to_numpy())
        piece["is_blocked"] = blocked.to_numpy(zero_copy_only=False)
        piece["is_role"] = (
            is_role_address(values, rules).to_numpy(zero_copy_only=False)
            if name == "email"
            else False
        )
        pieces.append(piece)
    nobody = sightings[:0].assign(scope="", value="", is_blocked=False, is_role=False)
    spelled = pd.concat(pieces or [nobody], ignore_index=True)
    text = spelled["scope"] + "|" + spelled["identifier_type"] + "|" + spelled["value"]
    code, unique = pd.factorize(text)
    first = np.full(len(unique), np.iinfo(np.int64).max)
    known = spelled["known_at"].to_numpy("datetime64[us]")
    np.minimum.at(first, code, known.astype(np.int64))
    representative = np.empty(len(unique), np.int64)
    representative[code[::-1]] = np.arange(len(code))[::-1]
    frame = spelled.loc[
        representative, ["scope", "identifier_type", "value", "is_blocked", "is_role"]
    ].set_axis(["source_system", "identifier_type", "identifier", "is_blocked", "is_role"], axis=1)
    frame = frame.assign(
        identity_id=hash_texts(pa.array(unique, pa.string())).to_pandas().to_numpy(),
        known_at=first.astype("datetime64[us]"),
    )
    order = np.lexsort((frame["identity_id"].to_numpy(str), first))
    rank: Ints = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    frame = frame.iloc[order].reset_index(drop=True)
    follows_type = {name for name, rule in rules.types.items() if rule.joins == "follows"}
    frame["follows"] = frame["identifier_type"].isin(follows_type) | frame["is_role"]
    priorities = {name: rule.priority for name, rule in rules.types.items()}
    return Nodes(
        frame,
        spelled[[*SPELLING, "known_at"]].assign(node=rank[np.asarray(code, np.int64)]),
        np.asarray(frame["identifier_type"].map(priorities), np.int64),
        days_of(frame["known_at"]),
    )


def days_of(times: "pd.Series") -> Ints:
    """Days since 1970."""
    days: Ints = (times.to_numpy("datetime64[D]") - EPOCH).astype(np.int64)
    return days
