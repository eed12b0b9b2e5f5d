"""Which source delivers which entity: what the files of the staging views say by their names.

A view is `staging/<source>/stg_<source>__<entity>.sql`. One that ends in `__history` delivers every
version of the entity's rows and not the newest; one named like a table of `ops` delivers its
source's part of that table. `stg_all__<entity>` puts the sources one below the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from data_contracts.definitions.contract import ContractError, Contracts, Table

SOURCE_SYSTEM = "source_system"
HISTORY = "__history"
UNITED = "all"
# An order is what makes somebody a customer: a source without orders has no customers to segment.
NEEDED = "orders"


@dataclass(frozen=True)
class View:
    """One staging view. entity: with `__history` where it delivers every version."""

    source: str
    entity: str

    @property
    def name(self) -> str:
        """The name of the model, and of its file."""
        return f"stg_{self.source}__{self.entity}"


def staging_views(models: Path) -> list[View]:
    """The views of the project by name. `models`: the models folder of the dbt project."""
    stems = sorted(path.stem for path in (models / "staging").rglob("stg_*.sql"))
    parts = (stem.removeprefix("stg_").partition("__") for stem in stems)
    return [View(source, entity) for source, _, entity in parts]


def sources_of_entities(views: list[View]) -> dict[str, list[str]]:
    """Entity -> the sources that deliver it, by name."""
    entities: dict[str, list[str]] = {}
    for view in views:
        if view.source != UNITED:
            entities.setdefault(view.entity, []).append(view.source)
    return dict(sorted(entities.items()))


def check_sources(contracts: Contracts, views: list[View]) -> None:
    """Every source has a contract and a view of orders. Raises ContractError naming the file."""
    contracted = contracts.sources()
    for view in views:
        if view.source not in (*contracted, UNITED):
            raise ContractError(
                f"{view.name}.sql: there is no source {view.source}; "
                f"add data_contracts/tables/raw/{view.source}.odcs.yaml"
            )
    for source in contracted:
        needed = View(source, NEEDED)
        if needed not in views:
            raise ContractError(
                f"{contracted[source][0].file}: {source} delivers no {NEEDED}; "
                f"add dbt_project/models/staging/{source}/{needed.name}.sql"
            )


def staging_tables(contracts: Contracts, views: list[View]) -> Iterator[Table]:
    """The table that each view promises to be; `stg_all__` adds the source system."""
    for view in views:
        name = view.entity.removesuffix(HISTORY)
        entity = contracts.entities.get(name, contracts.tables.get(f"ops.{name}"))
        if entity is None:
            raise ContractError(
                f"{view.name}.sql: no data_contracts/tables/entities/{name}.odcs.yaml; "
                "a staging view is named stg_<source>__<entity>"
            )
        table = replace(entity, schema="staging", name=view.name, materialization="view")
        if view.entity.endswith(HISTORY):
            table = replace(table, rules=tuple(r for r in table.rules if r.kind != "unique"))
        if view.source == UNITED:
            system = replace(contracts.dictionary[SOURCE_SYSTEM], required=True)
            table = replace(table, columns=(system, *entity.columns))
        yield table
