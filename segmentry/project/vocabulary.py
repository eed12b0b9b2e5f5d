"""The targets and clusterings of this project, and the columns that conditions may name."""

import datetime
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial

import pandas as pd

from data_contracts.compiler.catalogue import Definition, load_catalogue
from data_contracts.compiler.clusterings import load_lenses
from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.compiler.targets import expand_target, load_targets
from data_contracts.definitions.lens import Lens
from data_contracts.definitions.pairs import PairTables, pair_tables
from data_contracts.definitions.target import Target
from data_contracts.wording.values import value_words
from ml.next_products.model import READ
from segmentry.artefacts import digest_features
from segmentry.warehouse.door import Reader

CLUSTERINGS = tuple(sorted(path.stem for path in (ROOT / "clusterings").glob("*.yaml")))
# What ranks next products is a version like those of targets, under this name.
NEXT_PRODUCTS = "next_products"
KEYS = ("customer_id", "as_of_date")
_IS_THERE = (
    "select count(*) from information_schema.tables where table_schema || '.' || table_name = ?"
)


@cache
def feature_columns() -> dict[str, str]:
    """Every feature -> its SQL type."""
    table = load_contracts().tables["features.customer_features"]
    return {c.name: c.sql_type for c in table.columns if c.name not in KEYS}


@cache
def pairs() -> dict[str, PairTables]:
    """Column that a target may be asked for each value of -> its tables."""
    return pair_tables(load_contracts())


@cache
def learned_columns() -> dict[str, str]:
    """What models and clusterings may learn from -> its SQL type: nothing relative to others."""
    features = load_contracts().tables["features.customer_features"].columns
    relative = {column.name for column in features if column.is_relative}
    return {name: kind for name, kind in feature_columns().items() if name not in relative}


@cache
def feature_list_digest() -> str:
    """Digest of the features that models learn from today: the numeric ones."""
    numeric = ("double", "bigint", "boolean", "decimal(18,4)")
    return digest_features([name for name, kind in learned_columns().items() if kind in numeric])


def pooled_features(target: Target) -> tuple[str, ...]:
    """What the one model of a target with for_each learns from, in order."""
    return (*target.customer_features, *pairs()[str(target.for_each)].features)


def digest_for(name: str) -> str | None:
    """The feature list digest that a version of this name must have to score today.

    None accepts any: a clustering reads columns of its own.
    """
    if name == NEXT_PRODUCTS:
        return digest_features(READ)
    if name in pooled_targets():
        return digest_features(pooled_features(pooled_targets()[name]))
    return None if name in CLUSTERINGS else feature_list_digest()


@cache
def written_targets() -> dict[str, Target]:
    """Every target as its file has it, by the file's name; one with for_each stands for many."""
    sensitive = load_contracts().sensitive_columns()
    return load_targets(ROOT / "targets", feature_columns(), sensitive, pairs())


@cache
def pooled_targets() -> dict[str, Target]:
    """The targets with for_each, as their files have them; each has one model for all values."""
    return {name: t for name, t in written_targets().items() if t.for_each is not None}


def consent_columns() -> set[str]:
    """The features that a person's consent decides."""
    table = load_contracts().tables["features.customer_features"]
    return {column.name for column in table.columns if column.family == "consent"}


@cache
def targets() -> dict[str, Target]:
    """Every target that does not depend on data, by name."""
    return {name: t for name, t in written_targets().items() if t.for_each is None}


def targets_in(warehouse: Reader) -> dict[str, Target]:
    """Every target by name, with one for each value that ever led in the warehouse's data."""
    by_name = dict(targets())
    for written in pooled_targets().values():
        by_name |= {target.name: target for target in copies_of(written, warehouse)}
    return by_name


def copies_of(
    written: Target, warehouse: Reader, date: datetime.date | None = None
) -> list[Target]:
    """The targets that one with for_each stands for: of the values that lead at a date, or ever.

    A name is the same at every date. None before the mart was built.
    """
    column, table = written.for_each, pairs()[str(written.for_each)].values.full_name
    if not warehouse.scalar(_IS_THERE, [table]):
        return []
    led = warehouse.read(f"select as_of_date, {column} as value from {table}")
    values = sorted(set(led["value"]))
    copies = expand_target(written, values, partial(value_words, str(column)))
    if date is None:
        return copies
    now = set(led.loc[led["as_of_date"] == pd.Timestamp(date), "value"])
    return [copy for copy, value in zip(copies, values, strict=True) if value in now]


class ConditionColumns(dict[str, str]):
    """Column -> SQL type, where a target's columns for a leading value are known by their form.

    Which values lead is only known where the data are; until then any may.
    """

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__(known)
        copies = [target.name for target in pooled_targets().values()]
        forms = "|".join(re.escape(name).replace(r"\{value\}", "[a-z0-9_]+") for name in copies)
        self._form = re.compile(rf"({forms})_(score|percentile)" if forms else "(?!)")

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or bool(self._form.fullmatch(str(name)))

    def __missing__(self, name: str) -> str:
        if self._form.fullmatch(name):
            return "double"
        raise KeyError(name)


def score_columns(names: Iterable[str]) -> Iterator[str]:
    """The columns that targets of these names give a condition."""
    for name in names:
        yield from (f"{name}_score", f"{name}_percentile")


@cache
def lenses() -> dict[str, Lens]:
    """Every clustering's lens by name."""
    contracts = load_contracts()
    columns = contracts.tables["features.customer_features"].columns
    return load_lenses(ROOT / "clusterings", list(columns), contracts.sensitive_columns())


@cache
def condition_columns() -> dict[str, str]:
    """Every column that a segment condition may name -> its SQL type."""
    columns = feature_columns() | dict.fromkeys(score_columns(targets()), "double")
    return ConditionColumns(columns | {f"cluster_{name}": "varchar" for name in CLUSTERINGS})


def written_segments() -> list[Definition]:
    """The segment catalogue as its files have it. Raises ContractError with file and line."""
    sensitive = load_contracts().sensitive_columns()
    return load_catalogue(ROOT / "segments", condition_columns(), sensitive)
