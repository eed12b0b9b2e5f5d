"""Results of dbt as check outcomes, and what failed in words."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from data_contracts.definitions.contract import Contracts, Table
from segmentry.quality.validation import CheckOutcome

if TYPE_CHECKING:
    import pandas as pd

Result = dict[str, Any]

RANGES = "accepted_ranges"
STATUS_PASSED = ("pass", "success")


def outcomes_of(
    results: list[Result],
    nodes: dict[str, Any],
    contracts: Contracts,
    read: Callable[[str], "pd.DataFrame"],
) -> list[CheckOutcome]:
    """Every test of one dbt invocation. A model that failed to build is an outcome too.

    results: unique_id, status, message, failures, compiled_code. nodes: those of the manifest.
    `read` runs a query: which columns have left their range, a failed test has to be asked again.
    """
    outcomes = []
    for result in results:
        node = nodes.get(result["unique_id"], {})
        if node.get("resource_type") == "test":
            outcome = _test_outcome(result, node, nodes, contracts)
            outcomes += _by_column(outcome, result, node, read)
        elif result["status"] == "error":
            outcomes.append(_build_outcome(result, node, contracts))
    return outcomes


def _test_outcome(
    result: Result, node: dict[str, Any], nodes: dict[str, Any], contracts: Contracts
) -> CheckOutcome:
    attached = nodes.get(node.get("attached_node") or "", {})
    arguments = (node.get("test_metadata") or {}).get("kwargs", {})
    column = arguments.get("column") or ",".join(arguments.get("columns", [])) or None
    failures = result.get("failures")
    return CheckOutcome(
        table=_table(attached, contracts),
        check=(node.get("test_metadata") or {}).get("name") or node["name"],
        column=column,
        engine="dbt",
        severity=str(node["config"].get("severity", "error")).lower(),
        passed=result["status"] in STATUS_PASSED,
        observed=result.get("message") or f"{failures or 0} rows",
        failed=failures,
    )


def _by_column(
    outcome: CheckOutcome,
    result: Result,
    node: dict[str, Any],
    read: Callable[[str], "pd.DataFrame"],
) -> list[CheckOutcome]:
    """All ranges of a table are one test in dbt; here each column has an outcome of its own."""
    if outcome.check != RANGES or result["status"] not in (*STATUS_PASSED, "fail"):
        return [outcome]
    failed: dict[str, int] = {}
    if not outcome.passed:
        counts = read(result["compiled_code"]).iloc[0]
        failed = {str(column): int(count) for column, count in counts.items() if count > 0}
    return [
        replace(
            outcome,
            column=column,
            passed=column not in failed,
            observed=f"{failed.get(column, 0)} rows",
            failed=failed.get(column, 0),
        )
        for column in node["test_metadata"]["kwargs"]["ranges"]
    ]


def _build_outcome(result: Result, node: dict[str, Any], contracts: Contracts) -> CheckOutcome:
    return CheckOutcome(
        _table(node, contracts), "builds", None, "dbt", "error", False, str(result.get("message"))
    )


def _table(node: dict[str, Any], contracts: Contracts) -> Table:
    """The contract of a dbt node; a building block without one gets a nameless stand-in."""
    schema, name = node.get("schema", "dbt"), node.get("name", "unknown")
    table = contracts.tables.get(f"{schema}.{name}")
    if table is not None:
        return table
    return Table(schema, name, name, "", "", "dbt", "table", False, (), (), (), "", "")


def failure_message(outcomes: list[CheckOutcome], dbt_error: str) -> str:
    """What failed, in words; dbt's own last error where no test did."""
    failed = [o for o in outcomes if not o.passed and o.severity == "error"]
    if failed:
        lines = [f"{o.table.full_name}: {o.check} {o.column or ''}: {o.observed}" for o in failed]
        return "Promises were broken, nothing after them was built:\n" + "\n".join(lines)
    return f"dbt failed: {dbt_error}"
