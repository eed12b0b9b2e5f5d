"""The rules of identity and the manual overrides from their files, checked."""

import csv
import datetime
from pathlib import Path

import pandas as pd

from data_contracts.compiler.files import read_yaml
from data_contracts.compiler.loading import ROOT
from data_contracts.definitions.contract import ContractError
from data_contracts.definitions.given_names import NameTable
from data_contracts.definitions.identity_rules import (
    TYPES,
    WAYS,
    Rules,
    RulesError,
    rules_from_mapping,
)

FOLDER = ROOT / "identity"
GOLDEN_COLUMNS = (
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "postal_code",
    "city",
    "region",
    "country",
    "time_zone",
)
ENDS = ("source_system", "identifier_type", "identifier")
OVERRIDES = [
    "action",
    *(f"{name}_1" for name in ENDS),
    *(f"{name}_2" for name in ENDS),
    "date",
    "reason",
]


def load_rules(path: Path = FOLDER / "rules.yaml") -> Rules:
    """The rules. Raises ContractError naming the file and the entry at fault."""
    try:
        return rules_from_mapping(read_yaml(path))
    except RulesError as error:
        raise ContractError(f"{path.name}: {error}") from error


def load_nicknames(path: Path = FOLDER / "nicknames.csv") -> NameTable:
    """Given names and their short forms."""
    with path.open(encoding="utf-8", newline="") as file:
        return NameTable.of((row["name"], row["short_forms"]) for row in csv.DictReader(file))


def load_overrides(path: Path = FOLDER / "overrides.csv") -> pd.DataFrame:
    """Manual decisions: columns OVERRIDES, `date` a date or None (from the beginning).

    Raises ContractError with the line of a row that cannot be honoured.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if reader.fieldnames != OVERRIDES:
            raise ContractError(f"{path.name}: the first line must be {','.join(OVERRIDES)}")
        rows = [_override(row, f"{path.name}, line {reader.line_num}") for row in reader]
    return pd.DataFrame(rows, columns=OVERRIDES)


def _override(row: dict[str, str], where: str) -> dict[str, object]:
    if None in row or None in row.values():
        raise ContractError(f"{where}: {len(OVERRIDES)} values are needed")
    checked: dict[str, object] = {name: value.strip() for name, value in row.items()}
    if checked["action"] not in ("include", "exclude"):
        raise ContractError(f"{where}: action is include or exclude")
    for end in ("1", "2"):
        if checked[f"identifier_type_{end}"] not in TYPES:
            raise ContractError(f"{where}: identifier_type_{end} is one of {', '.join(TYPES)}")
        if not checked[f"identifier_{end}"]:
            raise ContractError(f"{where}: identifier_{end} is empty")
    if not checked["reason"]:
        raise ContractError(f"{where}: give the reason, for those who ask later")
    try:
        date = checked["date"]
        checked["date"] = datetime.date.fromisoformat(str(date)) if date else None
    except ValueError as error:
        raise ContractError(f"{where}: date is empty or like 2027-01-31") from error
    return checked


def load_survivorship(
    path: Path = FOLDER / "survivorship.yaml",
) -> tuple[dict[str, str], list[str]]:
    """Column -> which value survives, and the systems, the most trusted first."""
    document = read_yaml(path)
    if set(document) != {"columns", "trusted"}:
        raise ContractError(f"{path.name}: the entries are columns and trusted")
    for column, way in document["columns"].items():
        if column not in GOLDEN_COLUMNS or way not in WAYS:
            raise ContractError(
                f"{path.name}: {column}: {way}: a column is one of {', '.join(GOLDEN_COLUMNS)}, "
                f"and what survives is one of {', '.join(WAYS)}"
            )
    return document["columns"], document["trusted"]


def load_matching_model(path: Path = FOLDER / "matching_model.json") -> str:
    """The matching model that is delivered: for homes that have too few records to train one."""
    return path.read_text(encoding="utf-8")
