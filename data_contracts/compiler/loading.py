"""Load the ODCS files and the column dictionary into contracts; anything unknown is an error."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from data_contracts.compiler.files import in_project, read_yaml
from data_contracts.compiler.rules import read_rules
from data_contracts.compiler.sources import read_source
from data_contracts.compiler.targets import target_columns
from data_contracts.definitions.contract import (
    BUILDERS,
    CLASSIFICATIONS,
    MATERIALIZATIONS,
    SCHEMAS,
    STANDARD,
    TYPES,
    Column,
    ContractError,
    Contracts,
    Source,
    Table,
)

ROOT = Path(__file__).parents[1]
TARGET = "{target}"
COLUMN_ENTRIES = {
    "name",
    "required",
    "primaryKey",
    "primaryKeyPosition",
    "logicalType",
    "logicalTypeOptions",
    "relationships",
    "quality",
    "customProperties",
    "tags",
}


def load_dictionary(path: Path) -> dict[str, Column]:
    """Read columns.yaml. Raises ContractError on an unknown type or classification."""
    columns = {}
    for name, entry in (read_yaml(path) or {}).items():
        where = f"{in_project(path)}: {name}"
        if entry.get("type") not in TYPES:
            raise ContractError(f"{where}: type must be one of {', '.join(TYPES)}")
        if entry.get("classification") not in CLASSIFICATIONS:
            raise ContractError(f"{where}: classification must be one of {CLASSIFICATIONS}")
        if not entry.get("description"):
            raise ContractError(f"{where}: give a description")
        unknown = set(entry) - {"type", "classification", "description", "unit", "relative"}
        if unknown:
            raise ContractError(f"{where}: unknown entries {sorted(unknown)}")
        columns[name] = Column(
            name,
            entry["type"],
            entry["description"],
            entry["classification"],
            entry.get("unit", ""),
            is_relative=bool(entry.get("relative", False)),
        )
    return columns


@cache
def load_contracts(root: Path = ROOT) -> Contracts:
    """Read every contract below `root`, and the columns that targets give.

    Raises ContractError naming the file at fault.
    """
    targets = target_columns(root / "targets")
    dictionary = _with_targets(load_dictionary(root / "columns.yaml"), targets)
    entities: dict[str, Table] = {}
    tables: dict[str, Table] = {}
    described: dict[str, Source] = {}
    for path in sorted(root.glob("tables/*/*.odcs.yaml")):
        where = str(Path(root.name) / path.relative_to(root))
        document = read_yaml(path)
        if path.parent.name == "raw":
            name = _source_name(path)
            described[name] = read_source(name, document, where)
        for table in _read_contract(document, where, dictionary, tuple(targets)):
            if path.parent.name == "entities":
                entities[table.name] = table
                table = _raw_table_of(table)
            if table.full_name in tables:
                raise ContractError(f"{table.file}: {table.full_name} has two contracts")
            tables[table.full_name] = table
    _check_relationships(tables)
    return Contracts(dictionary, entities, tables, described, tuple(targets))


def _with_targets(
    dictionary: dict[str, Column], targets: Mapping[str, tuple[Column, ...]]
) -> dict[str, Column]:
    """The dictionary with the columns of every target, which nobody writes down."""
    derived = {column.name: column for columns in targets.values() for column in columns}
    for name in sorted(set(dictionary) & set(derived)):
        raise ContractError(f"columns.yaml: {name} follows from a target; take the entry out")
    return dictionary | derived


def _raw_table_of(entity: Table) -> Table:
    """The built-in source lands files that already follow the canonical entities."""
    return replace(entity, schema="raw", name=f"{STANDARD}__{entity.name}")


def _source_name(path: Path) -> str:
    return path.name.split(".")[0]


def _read_contract(
    document: dict[str, Any],
    where: str,
    dictionary: dict[str, Column],
    targets: tuple[str, ...],
) -> list[Table]:
    if document.get("kind") != "DataContract" or not document.get("apiVersion"):
        raise ContractError(f"{where}: not an ODCS contract (kind: DataContract, apiVersion)")
    stage = document.get("domain")
    if stage not in (*SCHEMAS, "entities"):
        raise ContractError(f"{where}: domain must be one of {', '.join(SCHEMAS)} or entities")
    if not document.get("team", {}).get("name"):
        raise ContractError(f"{where}: name the owner under team.name")
    items = [
        item | {"properties": for_targets(item["properties"], targets)}
        for item in document["schema"]
    ]
    return [_read_table(item, document, stage, dictionary, where) for item in items]


def for_targets(
    properties: Iterable[dict[str, Any]], targets: Iterable[str]
) -> list[dict[str, Any]]:
    """A table's properties; those beside each other with {target} in their name, once a target."""
    expanded: list[dict[str, Any]] = []
    for is_repeated, group in groupby(properties, lambda entry: TARGET in entry["name"]):
        entries = list(group)
        if is_repeated:
            entries = [
                entry | {"name": entry["name"].replace(TARGET, target)}
                for target in targets
                for entry in entries
            ]
        expanded += entries
    return expanded


def _custom(item: dict[str, Any], name: str, default: Any = "") -> Any:
    for entry in item.get("customProperties", []):
        if entry["property"] == name:
            return entry["value"]
    return default


def _read_table(
    item: dict[str, Any],
    document: dict[str, Any],
    stage: str,
    dictionary: dict[str, Column],
    where: str,
) -> Table:
    name = item["name"]
    if stage == "raw":
        name = f"{_source_name(Path(where))}__{name}"
    builder = _custom(item, "builtBy", "landing" if stage in ("raw", "entities") else "")
    materialization = item.get("physicalType", "table")
    if builder not in BUILDERS:
        raise ContractError(f"{where}: {name}: builtBy must be one of {', '.join(BUILDERS)}")
    if materialization not in MATERIALIZATIONS:
        raise ContractError(
            f"{where}: {name}: physicalType must be one of {', '.join(MATERIALIZATIONS)}"
        )
    columns = tuple(_read_column(p, dictionary, f"{where}: {name}") for p in item["properties"])
    names = [column.name for column in columns]
    if len(set(names)) < len(names):
        raise ContractError(f"{where}: {name}: a column is listed twice")
    database, cursor = _custom(item, "database"), _custom(item, "cursor")
    _check_cursor(database, cursor, names, f"{where}: {name}")
    served = bool(_custom(item, "served", stage not in ("raw", "entities")))
    keyed = [p for p in item["properties"] if p.get("primaryKey")]
    keyed.sort(key=lambda p: p.get("primaryKeyPosition", 1))
    return Table(
        schema=stage,
        name=name,
        title=item.get("businessName") or document["name"],
        description=item.get("description") or document["description"]["purpose"],
        owner=document["team"]["name"],
        builder=builder,
        materialization=materialization,
        served=served,
        columns=columns,
        key=tuple(p["name"] for p in keyed),
        rules=tuple(read_rules(item, set(names), f"{where}: {name}")),
        known_at=_custom(item, "knownAt"),
        file=where,
        role=_custom(item, "role"),
        must_come=bool(_custom(item, "mustCome")),
        database=database,
        cursor=cursor,
        served_columns=_served_columns(columns, dictionary) if served else columns,
    )


def _served_columns(
    columns: tuple[Column, ...], dictionary: dict[str, Column]
) -> tuple[Column, ...]:
    names = {column.name for column in columns}
    if "identity_id" not in names or "customer_id" in names:
        return columns
    return (*columns, replace(dictionary["served_customer_id"], name="customer_id"))


def _check_cursor(database: str, cursor: str, names: list[str], where: str) -> None:
    if database and not cursor:
        raise ContractError(
            f"{where}: a database needs the custom property cursor: the column that grows when a "
            "row changes"
        )
    if cursor and not database:
        raise ContractError(f"{where}: a cursor needs the custom property database: its name")
    if cursor and cursor not in names:
        raise ContractError(f"{where}: cursor: {cursor!r} is no column of this table; name one")


def _read_column(item: dict[str, Any], dictionary: dict[str, Column], where: str) -> Column:
    unknown = set(item) - COLUMN_ENTRIES
    if unknown:
        raise ContractError(
            f"{where}.{item.get('name')}: {sorted(unknown)} is not read here; "
            "type, meaning and classification belong in columns.yaml"
        )
    name = item["name"]
    if name not in dictionary:
        raise ContractError(
            f"{where}.{name}: not in data_contracts/columns.yaml; describe it there"
        )
    required = bool(item.get("required") or item.get("primaryKey"))
    family = next(iter(item.get("tags", [])), "")
    known_at = _custom(item, "knownAt")
    kind = item.get("logicalType", dictionary[name].type)
    if kind not in TYPES:
        raise ContractError(f"{where}.{name}: logicalType must be one of {', '.join(TYPES)}")
    return replace(dictionary[name], type=kind, required=required, known_at=known_at, family=family)


def _check_relationships(tables: dict[str, Table]) -> None:
    for table in tables.values():
        for rule in table.rules:
            if rule.kind == "relationship":
                schema, name, column = rule.argument("to").split(".")
                if f"{schema}.{name}" not in tables:
                    raise ContractError(f"{table.file}: relationship to unknown {schema}.{name}")
                tables[f"{schema}.{name}"].column(column)
