"""What training leaves behind: versions, figures, lineage, and since when a version serves."""

import datetime

import pandas as pd

from data_contracts.definitions.contract import Contracts
from segmentry.models.registry import serves_from, versions_frame
from segmentry.models.targets.training import TrainingTables
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


def store_training(
    warehouse: Warehouse, contracts: Contracts, tables: TrainingTables, date: datetime.date
) -> None:
    """Write what training at `date` gave; training there again replaces what it gave then.

    Versions that scored stay for ever, and so do measured outcomes of scores.
    """
    reason = training_reason(warehouse, date)
    for row in tables.versions:
        row["training_reason"] = reason
        if row["is_promoted"]:
            target = str(row["target"])
            row["effective_from"] = serves_from(warehouse, target, date, digest_for(target))
    again = f"trained_as_of = date '{date}'"
    names = ", ".join(f"'{row['model_version']}'" for row in tables.versions)
    for name, frames, where in (
        (
            TRAINED[0],
            [versions_frame(tables.versions)],
            f"{again} and (artefact_path is null or model_version in ({names}))",
        ),
        (TRAINED[1], _with_versions(tables), f"{again} and split <> 'matured'"),
        (TRAINED[2], tables.curves, again),
        (TRAINED[3], tables.lineage, again),
        (TRAINED[4], tables.affinity, again),
    ):
        table = contracts.tables[name]
        warehouse.replace(table, rows_of(table, frames), where)


def _with_versions(tables: TrainingTables) -> list[pd.DataFrame]:
    """The metrics at choice name the version that came of the candidate."""
    versions = {(row["target"], row["candidate"]): row["model_version"] for row in tables.versions}

    def named(frame: pd.DataFrame) -> pd.DataFrame:
        pairs = zip(frame["target"], frame["candidate"], strict=True)
        found = pd.Series([versions.get(pair) for pair in pairs], frame.index, dtype=object)
        return frame.assign(model_version=found)

    return [named(frame) for frame in tables.metrics]
