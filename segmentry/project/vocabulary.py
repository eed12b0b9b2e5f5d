"""The targets and clusterings of this project, and the columns that conditions may name."""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache, partial

from data_contracts.compiler.catalogue import Definition, load_catalogue
from data_contracts.compiler.clusterings import load_lenses
from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.compiler.targets import expand_target, load_targets
from data_contracts.definitions.lens import Lens
from data_contracts.definitions.target import Target
from data_contracts.wording.values import value_words
from ml.next_products.model import READ
from segmentry.artefacts import digest_features
from segmentry.warehouse.door import Reader
from segmentry.warehouse.facts import Setting, newest_date, setting

CLUSTERINGS = tuple(sorted(path.stem for path in (ROOT / "clusterings").glob("*.yaml")))
# What ranks next products is a version like those of targets, under this name.
NEXT_PRODUCTS = "next_products"
KEYS = ("customer_id", "as_of_date")


@cache
def feature_columns() -> dict[str, str]:
    """Every feature -> its SQL type."""
    table = load_contracts().tables["features.customer_features"]
    return {c.name: c.sql_type for c in table.columns if c.name not in KEYS}


@cache
def feature_list_digest() -> str:
    """Digest of the features that models learn from today: the numeric ones."""
    numeric = ("double", "bigint", "boolean", "decimal(18,4)")
    return digest_features([name for name, kind in feature_columns().items() if kind in numeric])


def digest_for(name: str) -> str | None:
    """The feature list digest that a version of this target must have to score today.

    None accepts any: a clustering reads columns of its own.
    """
    if name == NEXT_PRODUCTS:
        return digest_features(READ)
    return None if name in CLUSTERINGS else feature_list_digest()


@cache
def written_targets() -> dict[str, Target]:
    """Every target as its file has it, by the file's name; one with for_each stands for many."""
    sensitive = load_contracts().sensitive_columns()
    return load_targets(ROOT / "targets", feature_columns(), sensitive)


def consent_columns() -> set[str]:
    """The features that a person's consent decides."""
    table = load_contracts().tables["features.customer_features"]
    return {column.name for column in table.columns if column.family == "consent"}


@cache
def targets() -> dict[str, Target]:
    """Every target that does not depend on data, by name."""
    return {name: t for name, t in written_targets().items() if t.for_each is None}


def targets_in(warehouse: Reader) -> dict[str, Target]:
    """Every target by name, with one for each leading value that the warehouse's data gave."""
    stored = setting(warehouse, Setting.LEADING_VALUES)
    values: dict[str, list[str]] = json.loads(stored) if stored else {}
    by_name = dict(targets())
    for name, written in written_targets().items():
        if written.for_each is not None:
            words = partial(value_words, written.for_each)
            copies = expand_target(written, values.get(name, []), words)
            by_name |= {target.name: target for target in copies}
    return by_name


def leading_values(warehouse: Reader) -> str:
    """The values that most customers carry at D, for each target with for_each, as JSON.

    They are taken anew when models are trained and hold until then: a target that came and went
    with the order of two categories would never be trained.
    """
    found = {}
    for name, written in written_targets().items():
        if written.for_each is not None:
            frame = warehouse.read(
                f"select {written.for_each} as value from features.customer_features "
                f"where as_of_date = date '{newest_date(warehouse)}' "
                f"and {written.for_each} is not null and ({written.population}) "
                f"group by value order by count(*) desc, value limit {written.leading}"
            )
            found[name] = [str(value) for value in frame["value"]]
    return json.dumps(found, ensure_ascii=False)


class ConditionColumns(dict[str, str]):
    """Column -> SQL type, where a target's columns for a leading value are known by their form.

    Which values lead is only known where the data are; until then any may.
    """

    def __init__(self, known: dict[str, str]) -> None:
        super().__init__(known)
        copies = [t.name for t in written_targets().values() if t.for_each is not None]
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
