"""Scores against outcomes: every score that was given out, once its window has passed."""

from typing import Any

import numpy as np
import pandas as pd

from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.target import Kind
from ml.metrics import analytic_errors, evaluate
from ml.monitoring.drift import level_error
from ml.targets.backtest import METRIC_COLUMNS
from segmentry.project.vocabulary import targets_in
from segmentry.warehouse.door import Warehouse

# One row per target, date and version whose outcome is known and was not measured yet. What was
# measured stays as it was, whatever is loaded late or built again.
_DUE = """
    select s.target, s.as_of_date, s.model_version, v.candidate, v.trained_as_of
    from (
        select distinct target, as_of_date, model_version from models.customer_scores
        where sufficiency = 'ok'
    ) as s
    inner join (select distinct target, as_of_date from models.labels) as l
        on l.target = s.target and l.as_of_date = s.as_of_date
    inner join models.model_versions as v on v.model_version = s.model_version
    left join (
        select distinct target, as_of_date, model_version from models.model_metrics
        where split = 'matured'
    ) as m
        on m.target = s.target and m.as_of_date = s.as_of_date
        and m.model_version = s.model_version
    where m.target is null
    order by s.target, s.as_of_date, s.model_version
"""
_PAIRS = """
    select s.score, l.label
    from models.customer_scores as s
    inner join models.labels as l
        on l.customer_id = s.customer_id and l.as_of_date = s.as_of_date and l.target = s.target
    where s.target = $target and s.as_of_date = $date and s.model_version = $version
        and s.sufficiency = 'ok'
    order by s.customer_id
"""


def measure_matured(warehouse: Warehouse, contracts: Contracts) -> int:
    """Add the outcome of every score that has matured to models.model_metrics; rows added."""
    kinds = {name: target.kind for name, target in targets_in(warehouse).items()}
    due = warehouse.read(_DUE)
    known = due[due["target"].isin(kinds)]
    # While this connection is open, those of the many small queries cost nothing.
    with warehouse.connect():
        frames = [_measured(warehouse, row, kinds[str(row.target)]) for row in known.itertuples()]
    if not frames:
        return 0
    rows = pd.concat(frames, ignore_index=True)[METRIC_COLUMNS]
    return warehouse.replace(contracts.tables["models.model_metrics"], rows, where="false")


def _measured(warehouse: Warehouse, due: Any, kind: Kind) -> pd.DataFrame:
    """All metrics of one version's scores at one date."""
    at = {"target": due.target, "date": due.as_of_date, "version": due.model_version}
    pairs = warehouse.read(_PAIRS, at)
    y = pairs["label"].to_numpy(dtype=np.float64)
    score = pairs["score"].to_numpy(dtype=np.float64)
    values = evaluate(kind, y, score) if len(y) else {}
    errors = analytic_errors(kind, y, score) if len(y) else {}
    level = level_error(y, score)
    if level is not None:
        values["aggregate_error"] = level.value
        errors["aggregate_error"] = level.standard_error
    return pd.DataFrame(
        [
            {
                "target": due.target,
                "model_version": due.model_version,
                "trained_as_of": due.trained_as_of,
                "as_of_date": due.as_of_date,
                "split": "matured",
                "candidate": due.candidate,
                "is_chosen": True,
                "metric": metric,
                "value": value,
                "standard_error": errors.get(metric),
                "rule_value": None,
                "customer_count": len(y),
            }
            for metric, value in values.items()
            if np.isfinite(value)
        ],
        columns=METRIC_COLUMNS,
    )
