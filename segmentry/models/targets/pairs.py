"""Pairs of a customer and a value, as the one model of a target with for_each sees them."""

import datetime
from dataclasses import dataclass

import pandas as pd

from data_contracts.compiler.targets import pooled_target
from data_contracts.definitions.target import Target
from ml.frames import MAX_TRAINING_ROWS, FeatureTable
from ml.origins import needed_dates
from segmentry.models.targets.labels import sampled
from segmentry.project.vocabulary import copies_of, pairs, pooled_features
from segmentry.warehouse.door import Reader
from segmentry.warehouse.facts import at_dates

# Between the customer and the value in the name of a pair; no customer_id has it.
BETWEEN = "/"


@dataclass(frozen=True)
class PairData:
    """What was known at one date of every pair, and what came of it.

    target: the question about a pair. features, labels: as of any target, with the pair's name
    (`pair_name`) for the customer. copies: value -> the target that asks about it, for the values
    that lead at that date.
    """

    target: Target
    features: FeatureTable
    labels: pd.DataFrame
    copies: dict[str, Target]


def pairs_sql(written: Target, where: str) -> str:
    """SELECT of everybody asked by a target with for_each, once for each leading value.

    where: SQL condition over the mart. Gives customer_id, as_of_date, value and the features of
    `pooled_features`. Who never dealt with a value has counts and amounts of zero.
    """
    tables = pairs()[str(written.for_each)]
    of_customer = "".join(f", f.{name}" for name in written.customer_features)
    dealings = {column.name for column in tables.dealings.columns}
    of_pair = "".join(
        f", {_filled(name) if name in dealings else f'v.{name}'} as {name}"
        for name in tables.features
    )
    return f"""
        select f.customer_id, f.as_of_date, v.{tables.column} as value{of_customer}{of_pair}
        from features.customer_features as f
        inner join {tables.values.full_name} as v on v.as_of_date = f.as_of_date
        left join {tables.dealings.full_name} as d
            on d.customer_id = f.customer_id and d.as_of_date = f.as_of_date
            and d.{tables.column} = v.{tables.column}
        where (f.customer_id, f.as_of_date) in (
            select (customer_id, as_of_date) from features.customer_features
            where ({where}) and ({written.population})
        )
    """


def _filled(name: str) -> str:
    return f"coalesce(d.{name}, 0)" if name.endswith(("_count", "_amount")) else f"d.{name}"


def pair_name(customer_id: str, value: str) -> str:
    """How SQL names a pair, of two expressions."""
    return f"{customer_id} || '{BETWEEN}' || {value}"


def read_pairs(warehouse: Reader, written: Target, where: str) -> pd.DataFrame:
    """The pairs of a target with for_each, in a fixed order."""
    return warehouse.read(
        f"select * from ({pairs_sql(written, where)}) order by as_of_date, customer_id, value"
    )


def read_pair_data(
    warehouse: Reader,
    written: Target,
    trained_as_of: datetime.date,
    first_event: datetime.date,
) -> PairData | None:
    """What training the model of a target with for_each reads; None where no value leads."""
    target = pooled_target(written)
    copies = copies_of(written, warehouse, trained_as_of)
    if not copies:
        return None
    dates = [*needed_dates(trained_as_of, [target], first_event), trained_as_of]
    who = sampled(warehouse, dates, {target.name: target}, MAX_TRAINING_ROWS // len(copies))
    asked = pairs_sql(written, f"{at_dates(dates)} and ({who})")
    features = warehouse.read(
        f"select {pair_name('customer_id', 'value')} as customer_id, as_of_date, "
        f"{', '.join(pooled_features(written))} from ({asked}) "
        "order by as_of_date, customer_id"
    )
    named = [(copy.name, str(copy.category)) for copy in copies_of(written, warehouse)]
    listed = ", ".join("(?, ?)" for _ in named)
    labels = warehouse.read(
        f"""
        with asked as ({asked}),
        known as (
            select l.customer_id, l.as_of_date, named.value, l.label
            from models.labels as l
            inner join (values {listed}) as named (target, value) on named.target = l.target
            where l.matured_on <= date '{trained_as_of}'
        )
        select {pair_name("a.customer_id", "a.value")} as customer_id, a.as_of_date,
            '{target.name}' as target, k.label
        from asked as a
        left join known as k
            on k.customer_id = a.customer_id and k.as_of_date = a.as_of_date and k.value = a.value
        where k.label is not null or a.as_of_date = date '{trained_as_of}'
        order by as_of_date, customer_id
        """,
        [text for pair in named for text in pair],
    )
    by_value = {str(copy.category): copy for copy in copies}
    return PairData(target, FeatureTable.from_frame(features), labels, by_value)
