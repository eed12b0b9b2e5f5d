"""The targets and clusterings of this project, and the columns that conditions may name."""

from functools import cache

from data_contracts.compiler.clusterings import load_lenses
from data_contracts.compiler.loading import ROOT, load_contracts
from data_contracts.compiler.targets import load_targets
from ml.lenses import Lens
from ml.store import digest_features
from ml.targets import Target

CLUSTERINGS = tuple(sorted(path.stem for path in (ROOT / "clusterings").glob("*.yaml")))
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


@cache
def targets() -> dict[str, Target]:
    """Every target by name."""
    sensitive = load_contracts().sensitive_columns()
    return load_targets(ROOT / "targets", feature_columns(), sensitive)


@cache
def lenses() -> dict[str, Lens]:
    """Every clustering's lens by name."""
    contracts = load_contracts()
    columns = contracts.tables["features.customer_features"].columns
    return load_lenses(ROOT / "clusterings", list(columns), contracts.sensitive_columns())


def condition_columns() -> dict[str, str]:
    """Every column that a segment condition may name -> its SQL type."""
    columns = dict(feature_columns())
    for target in targets():
        columns |= {f"{target}_score": "double", f"{target}_percentile": "double"}
    return columns | {f"cluster_{name}": "varchar" for name in CLUSTERINGS}
