"""Which model is in force when: stored versions, champions, and their artefacts below home.

The champion at a date is the latest decision with `effective_from` up to it. Training decides in
models.model_versions, people decide in models.promotions (`segmentry/models/decisions.py`).
Nothing is ever taken out of either, so that every score keeps the version that made it.
"""

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

from ml.clusters.model import ClusterModel
from ml.next_products.model import AffinityModel
from ml.promotion import Promotion
from ml.targets.model import FittedModel
from segmentry.artefacts import (
    Model,
    load_affinity_model,
    load_cluster_model,
    load_target_model,
    save_model,
)
from segmentry.home import PROJECT, Home
from segmentry.project.vocabulary import NEXT_PRODUCTS
from segmentry.warehouse.door import Warehouse

TRAINING = "training"
# Every decision about a target. Of equal dates a person's counts: it was made after training.
TIMELINE = f"""
    select target, '{TRAINING}' as action, model_version, effective_from,
        trained_as_of as decided_as_of, 0 as decision_number, '{TRAINING}' as decided_by, reason
    from models.model_versions where is_promoted
    union all
    select target, action, model_version, effective_from, decided_as_of, decision_number,
        decided_by, reason
    from models.promotions
"""
_CHAMPION = f"""
    select d.model_version, v.artefact_path, v.artefact_digest, v.trained_as_of
    from ({TIMELINE}) as d
    left join models.model_versions as v on v.model_version = d.model_version
    where d.target = $target and d.effective_from <= $date
        and (d.model_version is null or $features is null or v.feature_list_digest = $features)
    order by d.effective_from desc, d.decided_as_of desc, d.decision_number desc limit 1
"""
# Every date that a version was given out for, by target.
GIVEN = f"""
    select v.target, s.as_of_date, s.model_version
    from (
        select distinct as_of_date, model_version from models.customer_scores
        where model_version is not null
    ) as s
    inner join models.model_versions as v on v.model_version = s.model_version
    union all
    select clustering, as_of_date, model_version from models.cluster_assignments
    union all
    select '{NEXT_PRODUCTS}', as_of_date, model_version from models.product_affinity
    where model_version is not null
"""
_SCORED = f"select max(as_of_date) from ({GIVEN}) as given where target = $target"


@dataclass(frozen=True)
class Champion:
    """A promoted version and where it lies."""

    model_version: str
    path: Path
    digest: str
    trained_as_of: datetime.date

    def target_model(self, features: tuple[str, ...] | None = None) -> FittedModel:
        """The model of a target. Raises when the artefact or the feature list is another."""
        return load_target_model(self.path, self.digest, features)

    def cluster_model(self) -> ClusterModel:
        """The clustering. Raises when the artefact is another."""
        return load_cluster_model(self.path, self.digest)

    def affinity_model(self) -> AffinityModel:
        """What ranks next products. Raises when the artefact is another."""
        return load_affinity_model(self.path, self.digest)


def champion_at(
    warehouse: Warehouse, target: str, date: datetime.date, features: str | None
) -> Champion | None:
    """The champion at `date`; None when nothing was promoted, or the last one was demoted.

    `features` is the digest of today's feature list: a model of another list cannot score, and
    the plan of the run trains a new one. None accepts any list.
    """
    parameters = {"target": target, "date": date, "features": features}
    found = warehouse.read(_CHAMPION, parameters)
    if found.empty or pd.isna(found["model_version"].iloc[0]):
        return None
    row = found.iloc[0]
    path = warehouse.home.root / str(row["artefact_path"])
    trained = pd.Timestamp(row["trained_as_of"]).date()
    return Champion(str(row["model_version"]), path, str(row["artefact_digest"]), trained)


def newest_scored(warehouse: Warehouse, target: str) -> datetime.date | None:
    """The newest date that a version of this target was given out for."""
    found = warehouse.scalar(_SCORED, {"target": target})
    return None if found is None else pd.Timestamp(str(found)).date()


def serves_from(
    warehouse: Warehouse, target: str, date: datetime.date, features: str | None
) -> datetime.date:
    """From when a version that is promoted at `date` serves: not from a date that is scored.

    Scores that were given out keep their version. Only the newest scored date is scored again,
    and only when what scored it cannot score any more (another feature list).
    """
    newest = newest_scored(warehouse, target)
    if newest is None or newest < date:
        return date
    if champion_at(warehouse, target, newest, features) is None:
        return newest
    return newest + datetime.timedelta(days=1)


@cache
def code_version() -> str:
    """Release of Segmentry and a digest of the code of its models, such as 0.4.0+1f3a5c7e9b2d."""
    digest = hashlib.sha256()
    for path in sorted((PROJECT / "ml").rglob("*.py")):
        digest.update(path.relative_to(PROJECT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{version('segmentry')}+{digest.hexdigest()[:12]}"


@dataclass(frozen=True)
class Origin:
    """How a model came about. feature_list_digest: of the list that a mart must have for it."""

    candidate: str
    feature_list_digest: str
    data_digest: str | None
    training_origins: str | None
    training_rows: int | None
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class ModelVersion:
    """A row of models.model_versions; what a model alone has is None where nothing was trained."""

    model_version: str
    target: str
    candidate: str | None
    trained_as_of: datetime.date
    effective_from: datetime.date | None
    is_promoted: bool
    reason: str
    training_reason: str | None
    feature_list_digest: str | None
    feature_list: str | None
    data_digest: str | None
    code_version: str
    artefact_path: str | None
    artefact_digest: str | None
    training_origins: str | None
    training_rows: int | None
    parameters: str | None


def version_without_model(target: str, trained_as_of: datetime.date, reason: str) -> ModelVersion:
    """The row that says why training gave no model of a target."""
    return ModelVersion(
        model_version=f"{target}-{trained_as_of:%Y%m%d}-none",
        target=target,
        candidate=None,
        trained_as_of=trained_as_of,
        effective_from=None,
        is_promoted=False,
        reason=reason,
        training_reason=None,
        feature_list_digest=None,
        feature_list=None,
        data_digest=None,
        code_version=code_version(),
        artefact_path=None,
        artefact_digest=None,
        training_origins=None,
        training_rows=None,
        parameters=None,
    )


def store_version(
    home: Home,
    target: str,
    model: Model,
    trained_as_of: datetime.date,
    promotion: Promotion,
    origin: Origin,
) -> ModelVersion:
    """Save a model below home and return its row.

    The version is named by target, date and content, so that the same training gives the same
    version.
    """
    draft = home.models / f".{target}-{trained_as_of:%Y%m%d}"
    artefact = save_model(model, draft)
    name = f"{target}-{trained_as_of:%Y%m%d}-{artefact.digest[:8]}"
    final = home.models / name
    if final.exists():
        for file in draft.iterdir():
            file.replace(final / file.name)
        draft.rmdir()
    else:
        draft.rename(final)
    return replace(
        version_without_model(target, trained_as_of, promotion.reason),
        model_version=name,
        candidate=origin.candidate,
        effective_from=trained_as_of if promotion.is_promoted else None,
        is_promoted=promotion.is_promoted,
        feature_list_digest=origin.feature_list_digest,
        feature_list=",".join(model.features),
        data_digest=origin.data_digest,
        artefact_path=str(final.relative_to(home.root)),
        artefact_digest=artefact.digest,
        training_origins=origin.training_origins,
        training_rows=origin.training_rows,
        parameters=json.dumps(origin.parameters, default=str),
    )


def versions_frame(versions: Iterable[ModelVersion]) -> pd.DataFrame:
    """Rows of models.model_versions with stable types, also where every value is missing."""
    frame = pd.DataFrame([asdict(version) for version in versions])
    return frame.astype({"training_rows": "Int64"})
