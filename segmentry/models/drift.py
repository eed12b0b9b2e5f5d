"""models.drift: how far a judged date is from what the champions in force were trained on."""

import datetime
from collections.abc import Iterable
from dataclasses import asdict, fields

import numpy as np
import pandas as pd

from data_contracts.definitions.contract import Contracts
from ml.frames import sample_by_customer, to_matrix
from ml.monitoring.drift import (
    LEVEL_LIMIT,
    MEAN_LIMIT,
    PSI_LIMIT,
    Reading,
    level_error,
    limit_above,
    mean_change,
    psi,
    retraining_reasons,
)
from ml.monitoring.profile import bin_counts, quantile_edges
from ml.targets.model import SCORE_DIGITS, FittedModel
from segmentry.models.registry import Champion, champion_at
from segmentry.models.targets.pairs import read_pairs
from segmentry.models.targets.training import read_features
from segmentry.project.vocabulary import (
    CLUSTERINGS,
    copies_of,
    digest_for,
    pooled_targets,
    written_targets,
)
from segmentry.warehouse.door import Reader, Warehouse
from segmentry.warehouse.facts import at_dates
from segmentry.warehouse.tables import rows_of

READING = [field.name for field in fields(Reading)]
# A distribution of so many customers is known well enough.
MOST_CUSTOMERS = 100_000

_SCORES = """
    select customer_id, score from models.customer_scores
    where as_of_date = $date and list_contains($targets, target) and model_version = $version
        and sufficiency = 'ok'
    order by customer_id, target
"""
# The newest window that had passed by the date and that the model had not learned from.
_OUTCOMES = """
    select label from models.labels
    where list_contains($targets, target) and as_of_date = (
        select max(as_of_date) from models.labels
        where list_contains($targets, target) and matured_on <= $date and as_of_date > $learned
    )
"""
# What the version in force said of the newest window that has passed since.
_TOLD = """
    select s.score, l.label
    from models.customer_scores as s
    inner join models.labels as l using (customer_id, as_of_date, target)
    where list_contains($targets, s.target) and s.model_version = $version and s.sufficiency = 'ok'
        and s.as_of_date = (
            select max(t.as_of_date) from models.customer_scores as t
            inner join models.labels as m using (customer_id, as_of_date, target)
            where list_contains($targets, t.target) and t.model_version = $version
                and m.matured_on <= $date
        )
    order by customer_id, target
"""
# Sizes of clusters at a date, and at the first date that the version judged.
_CLUSTERS = """
    select cluster_id, count(*) filter (as_of_date = $date) as now_count,
        count(*) filter (as_of_date = f.first_date) as then_count
    from models.cluster_assignments
    cross join (
        select min(as_of_date) as first_date from models.cluster_assignments
        where clustering = $target and model_version = $version
    ) as f
    where clustering = $target and model_version = $version and as_of_date in ($date, f.first_date)
    group by cluster_id order by cluster_id
"""
_STANDING = """
    select * from models.drift
    where as_of_date = (select max(as_of_date) from models.drift) and verdict = 'drifted'
    order by target, drift_subject, importance desc, drift_name
"""


def drift_at(warehouse: Warehouse, dates: Iterable[datetime.date]) -> list[pd.DataFrame]:
    """Rows of models.drift for every champion at judged dates."""
    rows = []
    models: dict[str, FittedModel] = {}
    # While this connection is open, those of the many small queries cost nothing.
    with warehouse.connect():
        for date in dates:
            features = read_features(warehouse, [date])
            for name in (*CLUSTERINGS, *written_targets()):
                champion = champion_at(warehouse, name, date, digest_for(name))
                if champion is None:
                    continue
                if name in CLUSTERINGS:
                    readings = read_clusters(warehouse, name, champion, date)
                else:
                    version = champion.model_version
                    model = models.get(version) or champion.target_model()
                    models[version] = model
                    asked, names = features, [name]
                    if name in pooled_targets():
                        written = pooled_targets()[name]
                        asked = read_pairs(warehouse, written, at_dates([date]))
                        names = [copy.name for copy in copies_of(written, warehouse)]
                    readings = read_target(warehouse, model, version, date, asked, names)
                rows.append(drift_rows(readings, date, name, champion))
    return rows


def read_target(
    warehouse: Warehouse,
    model: FittedModel,
    version: str,
    date: datetime.date,
    features: pd.DataFrame,
    names: list[str],
) -> list[Reading]:
    """Everything that is measured of one target's champion at one date.

    features: the mart at that date, one row per customer, or per pair of customer and value.
    names: the targets that the model scores, one for each value where there are many.
    """
    at = {"targets": names, "date": date, "version": version}
    scores = warehouse.read(_SCORES, at)
    outcomes = warehouse.read(
        _OUTCOMES, {"targets": names, "date": date, "learned": max(model.training_origins)}
    )
    told = warehouse.read(_TOLD, at)
    return [
        *_feature_readings(model, features, scores),
        *_score_readings(model, scores["score"].to_numpy(dtype=np.float64)),
        *_outcome_readings(model, outcomes["label"].to_numpy(dtype=np.float64)),
        *_level_readings(model, told),
    ]


def read_clusters(
    warehouse: Warehouse, name: str, champion: Champion, date: datetime.date
) -> list[Reading]:
    """Whether clusters have other shares than at the first date that the version judged."""
    at = {"target": name, "date": date, "version": champion.model_version}
    sizes = warehouse.read(_CLUSTERS, at)
    then, now = (sizes[when].to_numpy(dtype=np.float64) for when in ("then_count", "now_count"))
    if not now.sum():
        return []
    found = psi(then / then.sum(), now, int(then.sum()))
    size = found.value, found.standard_error, PSI_LIMIT, int(now.sum())
    return [Reading("cluster", name, "psi", *size)]


def _feature_readings(
    model: FittedModel, features: pd.DataFrame, scores: pd.DataFrame
) -> list[Reading]:
    """The features that carry the model, over the customers that it scored."""
    ids = scores["customer_id"].to_numpy(dtype=object)
    kept = ids[sample_by_customer(ids, MOST_CUSTOMERS)]
    frame = features[features["customer_id"].isin(kept)]
    if frame.empty:
        return []
    x = to_matrix(frame, [profile.name for profile in model.profile.features])
    readings = []
    for position, profile in enumerate(model.profile.features):
        found = profile.measure(x[:, position], model.profile.customers)
        limit = limit_above(profile.usual, PSI_LIMIT)
        size = found.value, found.standard_error, limit, len(frame), profile.importance
        readings.append(Reading("feature", profile.name, "psi", *size))
    return readings


def _score_readings(model: FittedModel, score: np.ndarray) -> list[Reading]:
    if not len(score):
        return []
    edges = quantile_edges(model.reference)
    shares = bin_counts(model.reference, edges) / len(model.reference)
    counts = bin_counts(np.round(score, SCORE_DIGITS), edges)
    found = psi(shares, counts, model.profile.current)
    size = found.value, found.standard_error, PSI_LIMIT, len(score)
    return [Reading("score", model.target, "psi", *size)]


def _outcome_readings(model: FittedModel, label: np.ndarray) -> list[Reading]:
    if not len(label):
        return []
    profile, is_event = model.profile, model.kind == "probability"
    learned = profile.label_mean, profile.label_variance, profile.customers
    newest = profile.label_newest, profile.label_variance, profile.customers
    now = float(label.mean()), float(label.var()), len(label)
    found, usual = mean_change(learned, now, is_event), mean_change(learned, newest, is_event)
    if found is None or usual is None:
        return []
    size = found.value, found.standard_error, limit_above(usual.value, MEAN_LIMIT), len(label)
    metric = "log_odds_change" if is_event else "log_mean_change"
    return [Reading("outcome", model.target, metric, *size)]


def _level_readings(model: FittedModel, told: pd.DataFrame) -> list[Reading]:
    y, score = (told[name].to_numpy(dtype=np.float64) for name in ("label", "score"))
    found = level_error(y, score)
    if found is None:
        return []
    size = found.value, found.standard_error, LEVEL_LIMIT, len(y)
    return [Reading("outcome", model.target, "aggregate_error", *size)]


def drift_rows(
    readings: Iterable[Reading], date: datetime.date, target: str, champion: Champion
) -> pd.DataFrame:
    """Readings of one champion at one date as rows of models.drift. target: or clustering."""
    return pd.DataFrame(
        [
            {
                "as_of_date": date,
                "target": target,
                "reference_date": champion.trained_as_of,
                "model_version": champion.model_version,
                "verdict": reading.verdict,
                **asdict(reading),
            }
            for reading in readings
        ]
    )


def replace_drift(
    warehouse: Warehouse, contracts: Contracts, rows: list[pd.DataFrame], where: str
) -> int:
    """Replace the rows of models.drift that meet `where` by `rows`."""
    table = contracts.tables["models.drift"]
    kept = [frame for frame in rows if len(frame)]
    return warehouse.replace(table, rows_of(table, kept), where)


def standing_drift(warehouse: Reader) -> tuple[datetime.date | None, str]:
    """The newest date that was looked at, and what calls for training there (empty: nothing)."""
    found = warehouse.read(_STANDING)
    if found.empty:
        return None, ""
    reasons = []
    for target, rows in found.groupby("target"):
        readings = [Reading(**row) for row in rows[READING].to_dict("records")]  # type: ignore[misc]
        reasons += [f"{target}: {reason}" for reason in retraining_reasons(readings)]
    return pd.Timestamp(found["as_of_date"].iloc[0]).date(), "; ".join(reasons)
