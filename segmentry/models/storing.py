"""What training leaves behind: versions, figures, lineage, and since when a version serves."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from data_contracts.definitions.contract import Contracts
from segmentry.models.registry import ModelVersion, serves_from, versions_frame
from segmentry.project.vocabulary import digest_for
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import training_reason
from segmentry.warehouse.tables import rows_of

TRAINED = (
    "models.model_versions",
    "models.model_metrics",
    "models.model_curves",
    "models.cluster_lineage",
    "models.affinity_metrics",
)


@dataclass(frozen=True)
class Training:
    """What training one target, clustering or next products gave: rows of the tables in TRAINED.

    None: of that table there are none.
    """

    version: ModelVersion
    metrics: pd.DataFrame | None = None
    curves: pd.DataFrame | None = None
    lineage: pd.DataFrame | None = None
    ranking_metrics: pd.DataFrame | None = None


def store_training(
    warehouse: Warehouse,
    contracts: Contracts,
    trainings: Sequence[Training],
    date: datetime.date,
) -> None:
    """Write what training at `date` gave; training there again replaces what it gave then.

    Versions that scored stay for ever, and so do measured outcomes of scores.
    """
    reason = training_reason(warehouse, date)
    versions = [_in_force(warehouse, training.version, reason) for training in trainings]
    names = ", ".join(f"'{version.model_version}'" for version in versions)
    again = f"trained_as_of = date '{date}'"
    of_versions = f"{again} and (artefact_path is null or model_version in ({names}))"
    for name, frames, where in (
        (TRAINED[0], [versions_frame(versions)], of_versions),
        (TRAINED[1], _metrics(trainings), f"{again} and split <> 'matured'"),
        (TRAINED[2], _known(training.curves for training in trainings), again),
        (TRAINED[3], _known(training.lineage for training in trainings), again),
        (TRAINED[4], _known(training.ranking_metrics for training in trainings), again),
    ):
        table = contracts.tables[name]
        warehouse.replace(table, rows_of(table, frames), where)


def _in_force(warehouse: Warehouse, version: ModelVersion, reason: str | None) -> ModelVersion:
    """The version with why it was trained and, if promoted, from when it serves."""
    if not version.is_promoted:
        return replace(version, training_reason=reason)
    target, date = version.target, version.trained_as_of
    start = serves_from(warehouse, target, date, digest_for(target))
    return replace(version, training_reason=reason, effective_from=start)


def _known(frames: Iterable[pd.DataFrame | None]) -> list[pd.DataFrame]:
    return [frame for frame in frames if frame is not None and len(frame)]


def _metrics(trainings: Sequence[Training]) -> list[pd.DataFrame]:
    """Metrics, those of the candidate that a version was made of with its name."""
    frames = []
    for metrics, version in ((t.metrics, t.version) for t in trainings):
        if metrics is not None:
            is_own = metrics["candidate"] == version.candidate
            names = [version.model_version if own else None for own in is_own]
            column = pd.Series(names, metrics.index, dtype=object)
            frames.append(metrics.assign(model_version=column))
    return _known(frames)
