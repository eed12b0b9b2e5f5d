"""Stored models come back the same, and nothing doubtful is loaded."""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ml.frames import FeatureTable, History
from ml.targets.candidates import fit_candidates
from ml.targets.model import FeatureListError, FittedModel
from segmentry.artefacts import (
    Artefact,
    ArtefactError,
    digest_features,
    load_cluster_model,
    load_target_model,
    save_model,
)
from tests.ml.shop import (
    HISTORY_START,
    TRAINED_AS_OF,
    Shop,
    make_shop,
    make_target,
    score_frame,
    train_target,
)


@pytest.fixture(scope="module")
def shop() -> Shop:
    """Treat it as read-only."""
    return make_shop()


@pytest.fixture(scope="module", params=["probability", "amount"])
def model(request: pytest.FixtureRequest, shop: Shop) -> FittedModel:
    """The champion of each kind of target."""
    target = make_target(request.param)
    trained = train_target(shop.features, shop.labels, target, TRAINED_AS_OF, HISTORY_START)
    assert trained.model is not None
    return trained.model


@pytest.fixture
def stored(model: FittedModel, tmp_path: Path) -> Artefact:
    """The model on disk."""
    return save_model(model, tmp_path / "model")


def test_a_loaded_model_scores_exactly_the_same(
    model: FittedModel, stored: Artefact, shop: Shop
) -> None:
    loaded = load_target_model(stored.path, stored.digest, model.features)
    today = shop.features[shop.features["as_of_date"] == TRAINED_AS_OF]
    pd.testing.assert_frame_equal(score_frame(loaded, today, "v1"), score_frame(model, today, "v1"))
    assert save_model(loaded, stored.path.parent / "again").digest == stored.digest


def test_a_pickle_is_not_read_even_under_its_own_digest(stored: Artefact) -> None:
    payload = pickle.dumps({"format": 2, "type": "target"})
    (stored.path / "model.json").write_bytes(payload)
    with pytest.raises(ArtefactError, match="is not a stored model"):
        load_target_model(stored.path, hashlib.sha256(payload).hexdigest())


def test_every_candidate_can_be_stored_and_says_the_same_afterwards(
    model: FittedModel, shop: Shop, tmp_path: Path
) -> None:
    table = FeatureTable.from_frame(shop.features)
    target = make_target(model.kind)
    rows = History(table, shop.labels, target).rows([TRAINED_AS_OF.replace(month=9)])
    fitted = fit_candidates(model.kind, table.features, rows.x, rows.y, own_rules=["noise_rate"])
    assert {"rule_recency", "rule_noise_rate", "blend"} <= set(fitted)
    for name, estimator in fitted.items():
        artefact = save_model(replace(model, estimator=estimator), tmp_path / name)
        loaded = load_target_model(artefact.path, artefact.digest)
        np.testing.assert_array_equal(loaded.estimator.margin(rows.x), estimator.margin(rows.x))


def test_a_wrong_digest_is_refused(stored: Artefact) -> None:
    with pytest.raises(ArtefactError, match="is not the file that was stored"):
        load_target_model(stored.path, "0" * 64)


def test_any_truncated_or_changed_file_is_refused(stored: Artefact) -> None:
    for path in stored.path.iterdir():
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(ArtefactError, match=path.name):
            load_target_model(stored.path, stored.digest)
        path.write_bytes(whole + b" ")
        with pytest.raises(ArtefactError, match="changed, truncated"):
            load_target_model(stored.path, stored.digest)
        path.write_bytes(whole)
    load_target_model(stored.path, stored.digest)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtefactError, match="cannot read"):
        load_target_model(tmp_path, "0" * 64)


def test_another_feature_list_is_refused(model: FittedModel, stored: Artefact) -> None:
    names = [name for name in model.features if name != "recency_days"]
    with pytest.raises(FeatureListError, match="missing: recency_days"):
        load_target_model(stored.path, stored.digest, names)


def test_a_target_is_not_loaded_as_a_clustering(stored: Artefact) -> None:
    with pytest.raises(ArtefactError, match="not a clustering"):
        load_cluster_model(stored.path, stored.digest)


def test_nothing_stored_is_a_pickle(stored: Artefact) -> None:
    assert {path.suffix for path in stored.path.iterdir()} <= {".json", ".txt"}
    json.loads((stored.path / "model.json").read_text())


def test_the_digest_of_a_feature_list_ignores_its_order() -> None:
    assert digest_features(["a", "b"]) == digest_features(["b", "a"])
    assert digest_features(["a", "b"]) != digest_features(["ab"])
