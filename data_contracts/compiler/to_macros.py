"""Contracts -> the lists that SQL loops over, as dbt macros in one committed file.

What a contract says once is not written again in SQL: entities with their columns, keys and
sources, families of features, targets, purposes of consent, types of identifier.
"""

from collections.abc import Sequence

from data_contracts.compiler.staging import View, sources_of_entities
from data_contracts.definitions.contract import ContractError, Contracts
from data_contracts.definitions.identity_rules import TYPES

WIDTH = 120


def macros(contracts: Contracts, views: list[View]) -> str:
    """The macros, one a list, each with a comment that says what it lists."""
    entities = contracts.entities.values()
    features = contracts.tables.get("features.customer_features")
    families = [column.family for column in features.columns] if features else []
    return "\n".join(
        (
            _mapping(
                "sources_of",
                "The sources that deliver an entity: those that have a staging view of it.",
                sources_of_entities(views),
            ),
            _mapping(
                "columns_of",
                "The columns of an entity, in the order of its contract.",
                {entity.name: [column.name for column in entity.columns] for entity in entities},
            ),
            _mapping(
                "key_of",
                "The key of an entity; empty where rows are never replaced.",
                {entity.name: list(entity.key) for entity in entities},
            ),
            _list(
                "feature_families",
                "The families of features, in the order of the contract of the mart.",
                list(dict.fromkeys(family for family in families if family)),
            ),
            _list(
                "scored_targets",
                "The targets whose scores are columns of customer_360.",
                contracts.targets,
            ),
            _list(
                "consent_purposes",
                "What a person can allow.",
                _accepted(contracts, "consents", "purpose"),
            ),
            _list("identifier_types", "The types of identifier, the strongest first.", TYPES),
        )
    )


def _accepted(contracts: Contracts, entity: str, column: str) -> Sequence[str]:
    """The values that a column of an entity may have."""
    if entity not in contracts.entities:
        return ()
    table = contracts.entities[entity]
    for rule in table.rules:
        if rule.kind == "accepted_values" and rule.columns == (column,):
            return tuple(rule.argument("values"))
    raise ContractError(f"{table.file}: {column} needs its valid values (metric: invalidValues)")


def _list(name: str, comment: str, values: Sequence[str]) -> str:
    lines = _wrapped(values, indent=8)
    return (
        f"{{# {comment} #}}\n{{% macro {name}() -%}}\n    {{{{ return([\n{lines}"
        "    ]) }}\n{%- endmacro %}\n"
    )


def _mapping(name: str, comment: str, values: dict[str, list[str]]) -> str:
    entries = "".join(_entry(key, listed) for key, listed in values.items())
    return (
        f"{{# {comment} #}}\n{{% macro {name}(entity) -%}}\n    {{{{ return({{\n{entries}"
        "    }[entity]) }}\n{%- endmacro %}\n"
    )


def _entry(key: str, values: Sequence[str]) -> str:
    line = f"        '{key}': [{', '.join(map(repr, values))}],\n"
    if len(line) <= WIDTH:
        return line
    return f"        '{key}': [\n{_wrapped(values, indent=12)}        ],\n"


def _wrapped(values: Sequence[str], indent: int) -> str:
    """The values in lines of at most WIDTH signs, each line ending in a comma."""
    lines, line = [], ""
    for value in values:
        word = f"{value!r},"
        if line and indent + len(line) + 1 + len(word) > WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {word}" if line else word
    return "".join(f"{' ' * indent}{each}\n" for each in (*lines, line) if each)
