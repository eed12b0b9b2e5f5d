"""The promises of a contract's table, read as rules that every engine can render."""

from typing import Any

from data_contracts.definitions.contract import ContractError, Rule


def read_rules(item: dict[str, Any], names: set[str], where: str) -> list[Rule]:
    """The rules of one table of a contract; names: its columns.

    Raises ContractError on a rule that cannot be rendered.
    """
    rules: list[Rule] = []
    for entry in item["properties"]:
        rules += _column_rules(entry, f"{where}.{entry['name']}")
    key = [p["name"] for p in item["properties"] if p.get("primaryKey")]
    if key:
        rules.append(Rule("unique", tuple(key)))
    for entry in item.get("quality", []):
        rules.append(_quality_rule(entry, (), where))
    for rule in rules:
        missing = set(rule.columns) - names
        if missing:
            raise ContractError(f"{where}: a rule names columns that are not there: {missing}")
    return rules


def _column_rules(entry: dict[str, Any], where: str) -> list[Rule]:
    column = (entry["name"],)
    rules = []
    if entry.get("required") or entry.get("primaryKey"):
        rules.append(Rule("not_null", column))
    options = dict(entry.get("logicalTypeOptions", {}))
    if "pattern" in options:
        rules.append(Rule("pattern", column, (("pattern", options.pop("pattern")),)))
    bounds = {k: options.pop(k) for k in ("minimum", "maximum") if k in options}
    if bounds:
        rules.append(Rule("range", column, tuple(bounds.items())))
    if options:
        raise ContractError(f"{where}: logicalTypeOptions {sorted(options)} cannot be rendered")
    for relation in entry.get("relationships", []):
        if relation.get("type", "foreignKey") != "foreignKey" or relation["to"].count(".") != 2:
            raise ContractError(f"{where}: a relationship is foreignKey to schema.table.column")
        rules.append(Rule("relationship", column, (("to", relation["to"]),)))
    for quality in entry.get("quality", []):
        rules.append(_quality_rule(quality, column, where))
    return rules


def _quality_rule(entry: dict[str, Any], columns: tuple[str, ...], where: str) -> Rule:
    """One ODCS quality entry. Raises ContractError when it is not one that every engine renders."""
    metric = entry.get("metric")
    severity = "warn" if entry.get("severity") in ("warning", "warn", "info") else "error"
    common = {
        "name": entry.get("name", ""),
        "description": entry.get("description", ""),
        "severity": severity,
    }
    if entry.get("type") == "custom" and entry.get("engine") == "segmentry":
        arguments = {"condition": entry["implementation"]}
        arguments |= {p["property"]: p["value"] for p in entry.get("customProperties", [])}
        return Rule("row", columns, tuple(arguments.items()), **common)
    if metric == "nullValues" and entry.get("mustBe") == 0:
        return Rule("not_null", columns, (), **common)
    if metric == "nullValues" and "mustBeLessThan" in entry and entry.get("unit") == "percent":
        return Rule("null_share", columns, (("percent", entry["mustBeLessThan"]),), **common)
    if metric == "invalidValues" and entry.get("mustBe") == 0:
        values = tuple(entry["arguments"]["validValues"])
        return Rule("accepted_values", columns, (("values", values),), **common)
    if metric == "duplicateValues" and entry.get("mustBe") == 0:
        names = tuple(entry.get("arguments", {}).get("properties", columns))
        return Rule("unique", names, (), **common)
    if metric == "rowCount" and "mustBeGreaterThan" in entry:
        return Rule("row_count", (), (("minimum", entry["mustBeGreaterThan"] + 1),), **common)
    raise ContractError(f"{where}: quality rule {entry} cannot be rendered; nothing skips a rule")
