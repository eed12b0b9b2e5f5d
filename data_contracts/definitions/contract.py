"""What a contract is: validated, immutable dataclasses that every renderer reads."""

from dataclasses import dataclass, field
from typing import Any

STAGES = (
    "raw",
    "staging",
    "identity",
    "core",
    "features",
    "models",
    "segments",
    "activation",
    "measurement",
)
SCHEMAS = (*STAGES, "ops")
TYPES = {
    "string": ("string", "varchar"),
    "integer": ("integer", "bigint"),
    "double": ("number", "double"),
    "money": ("number", "decimal(18,4)"),
    "boolean": ("boolean", "boolean"),
    "date": ("date", "date"),
    "timestamp": ("timestamp", "timestamp"),
    "json": ("string", "varchar"),
    "list": ("array", "varchar[]"),
}
CLASSIFICATIONS = ("public", "internal", "personal", "sensitive")
BUILDERS = ("landing", "dbt", "python")
MATERIALIZATIONS = ("table", "view", "dated")
# Roles of raw tables: the rows that are a source's orders, and its exchange rates.
ORDERS = "orders"
RATES = "rates"
# The built-in source, whose files follow the canonical entities.
STANDARD = "standard"
# What a home reports in where neither its configuration, its sources nor its orders say.
DEFAULT_CURRENCY = "USD"


class ContractError(ValueError):
    """A contract that cannot be honoured: the message names the file and what to change."""


@dataclass(frozen=True)
class Rule:
    """One promise about a column or a table.

    kind is one of not_null, unique, accepted_values, range, pattern, relationship, row_count, row.
    `columns` is empty for row_count and row; `row` rules carry a SQL condition over one row.
    """

    kind: str
    columns: tuple[str, ...] = ()
    arguments: tuple[tuple[str, Any], ...] = ()
    name: str = ""
    description: str = ""
    severity: str = "error"

    def argument(self, name: str) -> Any:
        return dict(self.arguments).get(name)


@dataclass(frozen=True)
class Column:
    """A column as one table carries it; type, meaning and class come from the dictionary.

    family: on features, the family that the column belongs to (its tag in the contract).
    is_relative: whether a value depends on the other customers of its day.
    """

    name: str
    type: str
    description: str
    classification: str
    unit: str = ""
    required: bool = False
    known_at: str = ""
    family: str = ""
    is_relative: bool = False

    @property
    def logical_type(self) -> str:
        return TYPES[self.type][0]

    @property
    def sql_type(self) -> str:
        return TYPES[self.type][1]


@dataclass(frozen=True)
class Table:
    """One contracted table.

    role: of a raw table whose rows are a source's ORDERS, or the RATES that these need.
    must_come: a raw table that its source cannot do without; where no table of a source says so,
    that is every one.
    database, cursor: of a raw table that a live database may deliver instead of files, the name
    of the database and the column that says which of its rows are new.
    served_columns: what readers see: the columns, and beside an identity the customer of now,
    which publishing adds. In the warehouse a fact has no customer, since a later login may tell
    another one.
    """

    schema: str
    name: str
    title: str
    description: str
    owner: str
    builder: str
    materialization: str
    served: bool
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...]
    known_at: str
    file: str
    role: str = ""
    must_come: bool = False
    database: str = ""
    cursor: str = ""
    served_columns: tuple[Column, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def entity(self) -> str:
        """Of a raw table, the name that its files carry."""
        return self.name.split("__", 1)[1]

    @property
    def gets_customer(self) -> bool:
        """Whether publishing adds the customer of now."""
        return len(self.served_columns) > len(self.columns)

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise ContractError(f"{self.file}: {self.full_name} has no column {name!r}")


@dataclass(frozen=True)
class Source:
    """What a source system is, besides its tables.

    currency: ISO 4217 code of the amounts, where the files name none. notice: what has to be said
    wherever its data are shown. package, package_folder, package_extra: of data that are installed,
    the import name of their package, the folder in it, and the extra that installs it.
    """

    name: str
    currency: str = ""
    notice: str = ""
    package: str = ""
    package_folder: str = ""
    package_extra: str = ""


@dataclass(frozen=True)
class Contracts:
    """All contracts: canonical entities by name, tables by `schema.table`.

    described: sources by name, where a contract says something of the source as a whole.
    targets: names of the targets that have columns of their own in `segments.customer_360`.
    """

    dictionary: dict[str, Column]
    entities: dict[str, Table]
    tables: dict[str, Table]
    described: dict[str, Source] = field(default_factory=dict)
    targets: tuple[str, ...] = ()

    def of_stage(self, schema: str) -> list[Table]:
        return [table for table in self.tables.values() if table.schema == schema]

    def sources(self) -> dict[str, list[Table]]:
        """Raw tables by source system."""
        by_source: dict[str, list[Table]] = {}
        for table in self.of_stage("raw"):
            by_source.setdefault(table.name.split("__")[0], []).append(table)
        return by_source

    def source(self, name: str) -> Source:
        """What a source system is; where its contract does not say, nothing but its name."""
        return self.described.get(name, Source(name))

    def sensitive_columns(self) -> set[str]:
        return {c.name for c in self.dictionary.values() if c.classification == "sensitive"}
