"""Run a table's promises and keep the outcome: one row per check in ops.data_quality_results."""

import datetime
import json
import logging
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from data_contracts.compiler.to_expectations import sql_checks, suite_of
from data_contracts.definitions.contract import Contracts, Table
from segmentry.quality.past import changes
from segmentry.warehouse.door import Warehouse

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_ROWS = 50_000
RESULTS_TABLE = "ops.data_quality_results"


@dataclass(frozen=True)
class CheckOutcome:
    """One promise and whether it held."""

    table: Table
    check: str
    column: str | None
    engine: str
    severity: str
    passed: bool
    observed: str
    failed: int | None = None


@cache
def _gx_context() -> Any:
    """One in-memory Great Expectations context per process; starting one takes seconds."""
    import great_expectations as gx

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context: Any = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def validate_frame(table: Table, frame: "pd.DataFrame", may_be_empty: bool) -> list[CheckOutcome]:
    """Check a frame by the Great Expectations suite of its contract."""
    context = _gx_context()
    name = f"{table.full_name}-{len(context.data_sources.all())}"
    source = context.data_sources.add_pandas(name)
    batch = (
        source.add_dataframe_asset(name)
        .add_batch_definition_whole_dataframe(name)
        .get_batch({"dataframe": frame})
    )
    result = batch.validate(suite_of(table, may_be_empty))
    return [_outcome(table, item) for item in result.results]


def _outcome(table: Table, item: Any) -> CheckOutcome:
    config = item.expectation_config
    arguments = {k: v for k, v in config.kwargs.items() if k != "batch_id"}
    column = arguments.get("column") or ",".join(arguments.get("column_list", [])) or None
    if item.exception_info and item.exception_info.get("raised_exception"):
        observed = f"could not be checked: {item.exception_info.get('exception_message')}"
    else:
        seen = {k: v for k, v in item.result.items() if k in _WORTH_KEEPING}
        observed = json.dumps(seen, default=str)
    failed = item.result.get("unexpected_count")
    check = config.type.removeprefix("expect_")
    severity = str((config.meta or {}).get("severity", "error"))
    return CheckOutcome(table, check, column, "gx", severity, bool(item.success), observed, failed)


_WORTH_KEEPING = ("observed_value", "element_count", "unexpected_count", "partial_unexpected_list")


def validate_table(
    warehouse: Warehouse, table: Table, where: str = "true", may_be_empty: bool = False
) -> list[CheckOutcome]:
    """Check the rows of a table that meet `where`: all of them by SQL, a sample by expectations.

    A run publishes its newest date, so that the sample begins with it.
    """
    names = ", ".join(column.name for column in table.columns)
    order = f"hash({', '.join(table.key) or names})"
    if any(column.name == "as_of_date" for column in table.columns):
        order = f"as_of_date desc, {order}"
    with warehouse.connect() as connection:
        sample = connection.execute(
            f"select {names} from {table.full_name} where {where} "
            f"order by {order} limit {SAMPLE_ROWS}"
        ).df()
        outcomes = []
        for rule, sql in sql_checks(table, where):
            failed = connection.execute(sql).fetchone()
            count = int(failed[0]) if failed else 0
            name = rule.name or rule.kind
            column = ",".join(rule.columns) or None
            outcomes.append(
                CheckOutcome(
                    table, name, column, "gx", rule.severity, count == 0, f"{count} rows", count
                )
            )
        for check, seen in changes(connection, table):
            outcomes.append(CheckOutcome(table, check, None, "gx", "warning", False, seen))
    return validate_frame(table, sample, may_be_empty) + outcomes


def record(
    warehouse: Warehouse,
    contracts: Contracts,
    run_id: str,
    outcomes: list[CheckOutcome],
) -> None:
    """Append the outcomes of a run; asking twice for the same table replaces the earlier answer."""
    import pandas as pd

    if not outcomes:
        return
    rows = pd.DataFrame(
        {
            "run_id": run_id,
            "checked_at": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
            "stage": o.table.schema,
            "table_name": o.table.full_name,
            "check_name": o.check,
            "column_name": o.column,
            "engine": o.engine,
            "severity": o.severity,
            "passed": o.passed,
            "observed_value": o.observed,
            "failed_count": o.failed,
        }
        for o in outcomes
    )
    rows["failed_count"] = rows["failed_count"].astype("Int64")
    tables = sorted({o.table.full_name for o in outcomes})
    engines = sorted({o.engine for o in outcomes})
    listed = ", ".join(f"'{name}'" for name in tables)
    where = f"table_name in ({listed}) and engine in ({', '.join(repr(e) for e in engines)})"
    warehouse.replace(contracts.tables[RESULTS_TABLE], rows, where)
