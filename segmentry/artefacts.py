"""Fitted models on disk without pickle: JSON, LightGBM's own text and arrays, under one digest.

An artefact is a directory with `model.json`, `trees_<n>.txt` and, for a model that holds arrays,
`arrays.npz`. model.json holds the digest of every other file; its own sha256 is the artefact's
digest, which the warehouse records.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from ml.clusters.model import ClusterModel
from ml.next_products.model import AffinityModel
from ml.signals.topics import TopicModel
from ml.targets.model import FittedModel, check_features

FORMAT = 3
TOPICS_FORMAT = 1
# What a file that is no model of ours makes of being read.
_UNREADABLE = (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError, zipfile.BadZipFile)
_MODEL_FILE, _ARRAYS_FILE = "model.json", "arrays.npz"
_TEXT_KEY, _ARRAY_KEY = "lightgbm_text", "array_number"
Model = FittedModel | ClusterModel | AffinityModel
_TYPES: dict[str, type[FittedModel] | type[ClusterModel] | type[AffinityModel]] = {
    "target": FittedModel,
    "clustering": ClusterModel,
    "affinity": AffinityModel,
}


class ArtefactError(ValueError):
    """A stored model cannot be trusted or read; the message says what to do."""


class FormatError(ArtefactError):
    """A model that another release stored."""


@dataclass(frozen=True)
class Artefact:
    """Where a model lies and the sha256 that proves it is the one."""

    path: Path
    digest: str


def digest_features(features: Sequence[str]) -> str:
    """sha256 of a feature list, independent of the order.

    The format is part of it: a model of another format cannot score any more either.
    """
    return hashlib.sha256("\n".join([f"format {FORMAT}", *sorted(features)]).encode()).hexdigest()


def save_model(model: Model, directory: Path) -> Artefact:
    """Write a model into `directory` (made if needed); the same model gives the same digest."""
    directory.mkdir(parents=True, exist_ok=True)
    texts: list[str] = []
    arrays: list[NDArray[Any]] = []
    content = {
        "format": FORMAT,
        "type": next(name for name, kind in _TYPES.items() if isinstance(model, kind)),
        "feature_list_digest": digest_features(model.features),
        "content": _take_parts(model.to_dict(), texts, arrays),
        "texts": [_digest(text.encode()) for text in texts],
    }
    for number, text in enumerate(texts):
        (directory / f"trees_{number}.txt").write_text(text, encoding="utf-8", newline="\n")
    if arrays:
        packed = io.BytesIO()
        np.savez_compressed(packed, *arrays)
        (directory / _ARRAYS_FILE).write_bytes(packed.getvalue())
        content["arrays"] = _digest(packed.getvalue())
    payload = json.dumps(content, indent=1, sort_keys=True, allow_nan=False).encode()
    (directory / _MODEL_FILE).write_bytes(payload)
    return Artefact(directory, _digest(payload))


def load_model(directory: Path, digest: str, features: Sequence[str] | None = None) -> Model:
    """Read a model back, checking its digest and, if given, the feature list to be scored.

    Raises ArtefactError for a missing, changed or truncated file (FormatError for one of another
    release), FeatureListError for another feature list.
    """
    payload = _read(directory / _MODEL_FILE)
    _verify(payload, digest, directory / _MODEL_FILE)
    try:
        stored = json.loads(payload)
        if stored["format"] != FORMAT:
            raise FormatError(
                f"{directory} has format {stored['format']}, this release reads {FORMAT}: "
                "train again"
            )
        texts = []
        for number, expected in enumerate(stored["texts"]):
            path = directory / f"trees_{number}.txt"
            text = _read(path)
            _verify(text, expected, path)
            texts.append(text.decode("utf-8"))
        arrays = _read_arrays(directory / _ARRAYS_FILE, stored.get("arrays"))
        model = _TYPES[stored["type"]].from_dict(_put_parts(stored["content"], texts, arrays))
    except _UNREADABLE as error:
        raise ArtefactError(f"{directory} is not a stored model ({error}): train again") from error
    if features is not None:
        check_features(model.features, features, f"stored model in {directory.name}")
    return model


def save_topics(model: TopicModel, directory: Path) -> Artefact:
    """Write a topic model into `directory`, as `save_model` writes the others."""
    directory.mkdir(parents=True, exist_ok=True)
    content = {"format": TOPICS_FORMAT, "type": "topics", "content": model.to_dict()}
    payload = json.dumps(content, sort_keys=True, allow_nan=False).encode()
    (directory / _MODEL_FILE).write_bytes(payload)
    return Artefact(directory, _digest(payload))


def load_topics(directory: Path, digest: str) -> TopicModel:
    """Read a topic model back. Raises ArtefactError for a missing, changed or truncated file."""
    payload = _read(directory / _MODEL_FILE)
    _verify(payload, digest, directory / _MODEL_FILE)
    try:
        stored = json.loads(payload)
        if (stored["format"], stored["type"]) != (TOPICS_FORMAT, "topics"):
            raise ArtefactError(
                f"{directory} holds no topics of format {TOPICS_FORMAT}: fit them again"
            )
        return TopicModel.from_dict(stored["content"])
    except _UNREADABLE as error:
        raise ArtefactError(f"{directory} holds no topic model ({error}): fit it again") from error


def load_target_model(
    directory: Path, digest: str, features: Sequence[str] | None = None
) -> FittedModel:
    """`load_model` for the model of a target. Raises ArtefactError for another kind."""
    model = load_model(directory, digest, features)
    if not isinstance(model, FittedModel):
        raise ArtefactError(f"{directory} does not hold the model of a target")
    return model


def load_cluster_model(
    directory: Path, digest: str, features: Sequence[str] | None = None
) -> ClusterModel:
    """`load_model` for a clustering. Raises ArtefactError for another kind."""
    model = load_model(directory, digest, features)
    if not isinstance(model, ClusterModel):
        raise ArtefactError(f"{directory} is a model of another kind, not a clustering")
    return model


def load_affinity_model(directory: Path, digest: str) -> AffinityModel:
    """`load_model` for next products. Raises ArtefactError for another kind."""
    model = load_model(directory, digest)
    if not isinstance(model, AffinityModel):
        raise ArtefactError(f"{directory} does not hold a model of next products")
    return model


def _digest(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtefactError(f"cannot read {path} ({error.strerror}): train again") from error


def _verify(payload: bytes, digest: str, path: Path) -> None:
    found = _digest(payload)
    if found != digest:
        raise ArtefactError(
            f"{path} is not the file that was stored: sha256 {found[:12]}, recorded {digest[:12]} "
            "(changed, truncated, or of another version); restore it or train again"
        )


def _read_arrays(path: Path, digest: str | None) -> list[NDArray[Any]]:
    """The arrays of a model that has some. Nothing is unpickled."""
    if digest is None:
        return []
    payload = _read(path)
    _verify(payload, digest, path)
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as packed:
            return [packed[name] for name in packed.files]
    except ValueError as error:
        raise ArtefactError(f"{path} holds no plain arrays ({error}): train again") from error


def _take_parts(content: Any, texts: list[str], arrays: list[NDArray[Any]]) -> Any:
    """The content with every tree text and array replaced by its number; they go into the lists."""
    if isinstance(content, np.ndarray):
        arrays.append(content)
        return {_ARRAY_KEY: len(arrays) - 1}
    if isinstance(content, list):
        return [_take_parts(item, texts, arrays) for item in content]
    if not isinstance(content, dict):
        return content
    taken = {}
    for key, value in content.items():
        if key == _TEXT_KEY:
            texts.append(value)
            value = len(texts) - 1
        taken[key] = _take_parts(value, texts, arrays)
    return taken


def _put_parts(content: Any, texts: list[str], arrays: list[NDArray[Any]]) -> dict[str, Any]:
    """The inverse of _take_parts."""

    def put(item: Any) -> Any:
        if isinstance(item, list):
            return [put(part) for part in item]
        if not isinstance(item, dict):
            return item
        if _ARRAY_KEY in item:
            return arrays[item[_ARRAY_KEY]]
        return {k: texts[v] if k == _TEXT_KEY else put(v) for k, v in item.items()}

    return cast(dict[str, Any], put(content))
