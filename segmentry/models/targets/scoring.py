"""Scoring glue: the mart in batches, every target's champion on each batch, the rows written.

Memory is that of one batch and of the models, whatever the number of customers.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from data_contracts.definitions.contract import Table
from data_contracts.definitions.target import Target
from data_contracts.wording.reasons import themes_of
from ml.frames import KEYS, Matrix
from ml.targets.pooled import for_value
from ml.targets.scoring import Scorer, arrow_matrix, unscored
from segmentry.models.registry import Champion, champion_at
from segmentry.models.targets.pairs import pairs_sql
from segmentry.project.vocabulary import (
    copies_of,
    digest_for,
    feature_list_digest,
    pooled_targets,
)
from segmentry.project.vocabulary import targets as plain_targets
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.facts import at_dates

# Contributions are (rows x features) doubles: 20 MB at 300 features.
BATCH_ROWS = 8_192
_WHY_NONE = """
    select arg_max(reason, trained_as_of) from models.model_versions
    where target = ? and trained_as_of <= ?
"""
_SCORED = """
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


def score_customers(warehouse: Warehouse, table: Table, dates: list[datetime.date]) -> int:
    """Rewrite the scores of `dates` by the champions in force at each; returns the rows.

    table: the contract of models.customer_scores.
    """
    scorers = scorers_by_date(warehouse, dates)
    where = at_dates(dates)
    pooled = [each for date in dates for each in pooled_scorers(warehouse, date)]
    # What was given out stays where what gave it can score no more (another feature list).
    scored = warehouse.read(_SCORED, [dates])
    scoring = {(each.date, name) for each in pooled for name in each.names}
    for day, name in zip(scored["as_of_date"], scored["target"], strict=True):
        date = pd.Timestamp(day).date()
        silent = [s for s in scorers[date] if s.scorer is None and s.target.name == name]
        known = silent or name in plain_targets() or (date, name) in scoring
        scorers[date] = [s for s in scorers[date] if s not in silent]
        if silent or not known:
            where += f" and not (target = '{name}' and as_of_date = date '{date}')"
    with warehouse.rewrite(table, where) as rewrite:
        for date in dates:
            for batch in rewrite.batches(_customers(scorers[date], date), BATCH_ROWS):
                for rows in score_batch(scorers[date], batch):
                    rewrite.insert(rows)
        for each in pooled:
            for batch in rewrite.batches(each.query, BATCH_ROWS):
                for rows in each.score(batch):
                    rewrite.insert(rows)
        return rewrite.rows


def scorers_by_date(
    warehouse: Warehouse, dates: list[datetime.date]
) -> dict[datetime.date, list[TargetScorer]]:
    """Every target with the champion in force at each date; each version is loaded once."""
    targets = plain_targets()
    champions = {
        (date, name): champion_at(warehouse, name, date, feature_list_digest())
        for date in dates
        for name in targets
    }
    versions = {c.model_version: c for c in champions.values() if c is not None}
    loaded = {version: _scorer(champion) for version, champion in versions.items()}
    scorers: dict[datetime.date, list[TargetScorer]] = {date: [] for date in dates}
    for (date, name), champion in champions.items():
        if champion is None:
            made = TargetScorer(targets[name], None, why_none(warehouse, name, date))
        else:
            made = TargetScorer(targets[name], loaded[champion.model_version], "")
        scorers[date].append(made)
    return scorers


def _scorer(champion: Champion) -> Scorer:
    model = champion.target_model()
    return Scorer(model, champion.model_version, themes_of(model.features))


@dataclass(frozen=True)
class PooledScorer:
    """What scores the pairs of one target with for_each at one date.

    query: the pairs. scorers: value -> the scorer of its target.
    """

    date: datetime.date
    query: str
    features: tuple[str, ...]
    scorers: Mapping[str, Scorer]

    @property
    def names(self) -> list[str]:
        """The targets that it scores."""
        return [scorer.model.target for scorer in self.scorers.values()]

    def score(self, batch: pa.Table) -> Iterator[pa.Table]:
        """Rows of models.customer_scores for one batch of pairs."""
        columns = dict(zip(batch.column_names, batch.columns, strict=True))
        x = arrow_matrix(columns, self.features)
        values = batch["value"].to_numpy()
        for value, scorer in self.scorers.items():
            own = values == value
            yield scorer.score(batch.select(KEYS).filter(pa.array(own)), x.T[:, own].T)


def pooled_scorers(warehouse: Warehouse, date: datetime.date) -> Iterator[PooledScorer]:
    """Every champion of a target with for_each at a date, for the values that lead then.

    Who is not asked, or asked without a champion, has no row.
    """
    for name, written in pooled_targets().items():
        champion = champion_at(warehouse, name, date, digest_for(name))
        copies = copies_of(written, warehouse, date)
        if champion is None or not copies:
            continue
        model = champion.target_model()
        themes = themes_of(model.features)
        scorers = {
            value: Scorer(for_value(model, value, copy.name), champion.model_version, themes)
            for value, copy in ((str(copy.category), copy) for copy in copies)
        }
        query = pairs_sql(written, at_dates([date]))
        yield PooledScorer(date, query, model.features, scorers)


def why_none(warehouse: Warehouse, name: str, date: datetime.date) -> str:
    """Why no version of a target is in force at a date."""
    why = warehouse.scalar(_WHY_NONE, [name, date])
    return str(why or "no model has been trained for this date")


def _customers(scorers: list[TargetScorer], date: datetime.date) -> str:
    """The query of a date's customers: keys, every model's features, whom each target asks."""
    features = sorted({name for s in scorers if s.scorer for name in s.scorer.model.features})
    asked = [f"coalesce({each.target.population}, false) as {each.asked}" for each in scorers]
    columns = ", ".join([*KEYS, *features, *asked])
    return f"select {columns} from features.customer_features where as_of_date = date '{date}'"


def score_batch(scorers: list[TargetScorer], batch: pa.Table) -> Iterator[pa.Table]:
    """Rows of models.customer_scores of every target for one batch of customers."""
    matrices: dict[tuple[str, ...], Matrix] = {}
    columns: Mapping[str, pa.ChunkedArray] = dict(
        zip(batch.column_names, batch.columns, strict=True)
    )
    for each in scorers:
        inside = batch[each.asked].to_numpy()
        keys = batch.select(KEYS)
        outside = f"asked only of {each.target.population_words}"
        yield unscored(keys.filter(pa.array(~inside)), each.target.name, outside)
        ours = keys.filter(pa.array(inside))
        if each.scorer is None:
            yield unscored(ours, each.target.name, each.reason)
            continue
        features = each.scorer.model.features
        if features not in matrices:
            matrices[features] = arrow_matrix(columns, features)
        yield each.scorer.score(ours, matrices[features].T[:, inside].T)
