"""Which model is in force when: stored versions, champions, and their artefacts below home."""

import datetime
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ml.cluster_model import ClusterModel
from ml.model import FittedModel
from ml.store import digest_features, load_cluster_model, load_target_model, save_model
from orchestration.home import Home
from orchestration.warehouse import Warehouse

VERSIONS = "models.model_versions"
_CHAMPION = """
    select model_version, artefact_path, artefact_digest from models.model_versions
    where target = $target and is_promoted and effective_from <= $date
        and (feature_list_digest = $features or $features is null)
    order by effective_from desc, trained_as_of desc limit 1
"""


@dataclass(frozen=True)
class Champion:
    """A promoted version and where it lies."""

    model_version: str
    path: Path
    digest: str

    def target_model(self, features: tuple[str, ...] | None = None) -> FittedModel:
        """The model of a target. Raises when the artefact or the feature list is another."""
        return load_target_model(self.path, self.digest, features)

    def cluster_model(self) -> ClusterModel:
        """The clustering. Raises when the artefact is another."""
        return load_cluster_model(self.path, self.digest)


def champion_at(
    warehouse: Warehouse, target: str, date: datetime.date, features: str | None
) -> Champion | None:
    """The latest promotion with `effective_from` <= `date`; None when nothing was promoted.

    `features` is the digest of today's feature list: a model of another list cannot score, and
    the plan of the run trains a new one. None accepts any list.
    """
    parameters = {"target": target, "date": date, "features": features}
    found = warehouse.read(_CHAMPION, parameters)
    if found.empty:
        return None
    row = found.iloc[0]
    path = warehouse.home.root / str(row["artefact_path"])
    return Champion(str(row["model_version"]), path, str(row["artefact_digest"]))


def store_version(
    home: Home,
    target: str,
    model: FittedModel | ClusterModel | None,
    trained_as_of: datetime.date,
    is_promoted: bool,
    reason: str,
    facts: dict[str, Any],
) -> dict[str, Any]:
    """Save a model below home and return its row of models.model_versions.

    The version is named by target, date and content, so that the same training gives the same
    version. Without a model the row says why there is none.
    """
    row: dict[str, Any] = {
        "model_version": f"{target}-{trained_as_of:%Y%m%d}-none",
        "target": target,
        "candidate": None,
        "trained_as_of": trained_as_of,
        "effective_from": trained_as_of if is_promoted else None,
        "is_promoted": is_promoted,
        "reason": reason,
        "feature_list_digest": None,
        "artefact_path": None,
        "artefact_digest": None,
        "training_origins": None,
        "training_rows": None,
        "parameters": None,
    }
    if model is None:
        return row
    draft = home.models / f".{target}-{trained_as_of:%Y%m%d}"
    artefact = save_model(model, draft)
    version = f"{target}-{trained_as_of:%Y%m%d}-{artefact.digest[:8]}"
    final = home.models / version
    if final.exists():
        for file in draft.iterdir():
            file.replace(final / file.name)
        draft.rmdir()
    else:
        draft.rename(final)
    return row | {
        "model_version": version,
        "feature_list_digest": digest_features(model.features),
        "artefact_path": str(final.relative_to(home.root)),
        "artefact_digest": artefact.digest,
        **facts,
        "parameters": json.dumps(facts.get("parameters"), default=str),
    }


def versions_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of models.model_versions with stable types, also where every value is missing."""
    frame = pd.DataFrame(rows)
    return frame.astype({"training_rows": "Int64"})
