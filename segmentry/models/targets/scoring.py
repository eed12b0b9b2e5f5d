"""Scoring glue: the mart in batches, every target's champion on each batch, the rows written.

Memory is that of one batch and of the models, whatever the number of customers.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from data_contracts.definitions.target import Target
from data_contracts.wording.reasons import themes_of
from ml.frames import KEYS, Matrix
from ml.targets.scoring import Scorer, arrow_matrix, unscored
from orchestration.resources import SegmentryHome
from segmentry.models.registry import champion_at
from segmentry.project.vocabulary import feature_list_digest, targets_in
from segmentry.warehouse.door import Warehouse

# Contributions are (rows x features) doubles: 20 MB at 300 features.
BATCH_ROWS = 8_192
SCORES = "models.customer_scores"
_WHY_NONE = """
    select arg_max(reason, trained_as_of) from models.model_versions
    where target = ? and trained_as_of <= ?
"""
_GIVEN = """
    select distinct as_of_date, target from models.customer_scores
    where list_contains(?, as_of_date) and model_version is not null
"""


@dataclass(frozen=True)
class TargetScorer:
    """What scores one target at one date; without a scorer, `reason` says why there is none."""

    target: Target
    scorer: Scorer | None
    reason: str

    @property
    def asked(self) -> str:
        """The column that says whom the target asks about."""
        return f"asked_{self.target.name}"


def score_customers(segmentry: SegmentryHome, dates: list[datetime.date]) -> int:
    """Rewrite the scores of `dates` by the champions in force at each; returns the rows."""
    scorers: dict[str, Scorer] = {}
    judges = {date: scorers_at(segmentry.warehouse, date, scorers) for date in dates}
    listed = ", ".join(f"date '{date}'" for date in dates) or "null"
    where = f"as_of_date in ({listed})"
    # What was given out stays where what gave it can score no more (another feature list).
    given = segmentry.warehouse.read(_GIVEN, [dates])
    for day, name in zip(given["as_of_date"], given["target"], strict=True):
        date = pd.Timestamp(day).date()
        silent = [j for j in judges[date] if j.scorer is None and j.target.name == name]
        if silent:
            judges[date] = [judge for judge in judges[date] if judge not in silent]
            where += f" and not (target = '{name}' and as_of_date = date '{date}')"
    with segmentry.warehouse.rewrite(segmentry.table(SCORES), where) as rewrite:
        for date in dates:
            for batch in rewrite.batches(_customers(judges[date], date), BATCH_ROWS):
                for scored in score_batch(judges[date], batch):
                    rewrite.insert(scored)
        return rewrite.rows


def scorers_at(
    warehouse: Warehouse, date: datetime.date, scorers: dict[str, Scorer]
) -> list[TargetScorer]:
    """Every target with the champion in force at a date; `scorers` keeps each version loaded."""
    found = []
    for name, target in targets_in(warehouse).items():
        champion = champion_at(warehouse, name, date, feature_list_digest())
        if champion is None:
            found.append(TargetScorer(target, None, why_none(warehouse, name, date)))
        else:
            version = champion.model_version
            if version not in scorers:
                model = champion.target_model()
                scorers[version] = Scorer(model, version, themes_of(model.features))
            found.append(TargetScorer(target, scorers[version], ""))
    return found


def why_none(warehouse: Warehouse, name: str, date: datetime.date) -> str:
    """Why no version of a target is in force at a date."""
    why = warehouse.scalar(_WHY_NONE, [name, date])
    return str(why or "no model has been trained for this date")


def _customers(judges: list[TargetScorer], date: datetime.date) -> str:
    """The query of a date's customers: keys, every model's features, whom each target asks."""
    scorers = [judge.scorer for judge in judges if judge.scorer]
    features = sorted({name for scorer in scorers for name in scorer.model.features})
    asked = [f"coalesce({judge.target.population}, false) as {judge.asked}" for judge in judges]
    columns = ", ".join([*KEYS, *features, *asked])
    return f"select {columns} from features.customer_features where as_of_date = date '{date}'"


def score_batch(judges: list[TargetScorer], batch: pa.Table) -> Iterator[pa.Table]:
    """Rows of models.customer_scores of every target for one batch of customers."""
    matrices: dict[tuple[str, ...], Matrix] = {}
    columns: Mapping[str, pa.ChunkedArray] = dict(
        zip(batch.column_names, batch.columns, strict=True)
    )
    for judge in judges:
        inside = batch[judge.asked].to_numpy()
        keys = batch.select(KEYS)
        outside = f"asked only of {judge.target.population_words}"
        yield unscored(keys.filter(pa.array(~inside)), judge.target.name, outside)
        ours = keys.filter(pa.array(inside))
        if judge.scorer is None:
            yield unscored(ours, judge.target.name, judge.reason)
            continue
        features = judge.scorer.model.features
        if features not in matrices:
            matrices[features] = arrow_matrix(columns, features)
        yield judge.scorer.score(ours, matrices[features].T[:, inside].T)
