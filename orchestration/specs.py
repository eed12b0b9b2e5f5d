"""Asset specs and checks of contracted tables: description and owner come from the contract."""

import dagster as dg

from data_contracts.compiler.loading import load_contracts


def table_spec(
    full_name: str, deps: list[str], kinds: frozenset[str] = frozenset({"python", "duckdb"})
) -> dg.AssetSpec:
    """The asset of one contracted table, made from the tables named in `deps`."""
    table = load_contracts().tables[full_name]
    return dg.AssetSpec(
        key=full_name.split("."),
        group_name=table.schema,
        description=table.description,
        owners=[f"team:{table.owner}"],
        kinds=set(kinds),
        deps=[dep.split(".") for dep in deps],
    )


def contract_check(full_name: str) -> dg.AssetCheckSpec:
    """The check that stops what follows when a table breaks its contract."""
    table = load_contracts().tables[full_name]
    return dg.AssetCheckSpec(
        "contract",
        asset=full_name.split("."),
        blocking=True,
        description=f"{table.file} holds.",
    )
