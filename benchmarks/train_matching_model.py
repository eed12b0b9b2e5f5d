"""Train data_contracts/identity/matching_model.json anew, without labels, on a simulated shop.

    python -m benchmarks.train_matching_model OUT.json [CUSTOMERS [SEED]]

Runs apply the stored model and train none: yesterday's customers must not part because of who else
came. Another model is another promise, so that it is written beside and compared
(`python -m benchmarks.febrl`, `python -m benchmarks.identity`) before it takes the old one's place.
"""

import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.identity_worlds import build_evidence
from data_contracts.compiler.identity_rules import load_nicknames
from ml.identity.matching import describe, train

CUSTOMERS, DAYS, SEED = 20_000, 365, 7
# As a build asks (segmentry/identity/matching.py): a name, and something to tell bearers apart.
RECORDS = """
    select distinct source_system, identifier, known_date, first_name, last_name, birth_date,
        street, postal_code, city
    from '{file}'
    where first_name is not null and last_name is not null
        and (birth_date is not null or street is not null or postal_code is not null)
    order by all
"""


def train_on(evidence: Path) -> str:
    """The model that the records of a folder of evidence teach, as JSON."""
    with duckdb.connect() as workplace:
        records = workplace.execute(RECORDS.format(file=evidence / "idn_records.parquet")).df()
        described = describe(records, load_nicknames())
        described["row_id"], described["is_new"] = range(len(described)), 1
        return train(described, workplace)


def main(arguments: list[str]) -> None:
    """Simulate, train, write."""
    if not arguments:
        sys.exit(__doc__)
    out, *numbers = arguments
    customers, seed = (*map(int, numbers), *(CUSTOMERS, SEED)[len(numbers) :])
    with tempfile.TemporaryDirectory() as folder:
        evidence, _ = build_evidence(Path(folder), customers, DAYS, seed)
        Path(out).write_text(train_on(evidence), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
