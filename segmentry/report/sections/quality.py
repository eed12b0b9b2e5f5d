"""Data quality: checks of the newest run by stage, and those that did not pass."""

from typing import Any

import pandas as pd

from data_contracts.definitions.contract import STAGES
from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, is_true, records

PAGE = "quality"
LABEL = "Data quality"
TITLE = "Data quality"

# One row per check: what the newest run found.
CHECKS = """
    select stage, table_name, check_name, column_name, engine, severity, passed, observed_value,
        failed_count
    from ops.data_quality_results
    where run_id = (select arg_max(run_id, checked_at) from ops.data_quality_results)
    order by passed nulls first, severity, stage, table_name, check_name, column_name
"""

LISTED = 20
# A segment without members is a fact about the shop, which the page of segments tells.
NO_FAULT = "no_one"
COLUMNS = ["Table", "Check", "Column", "Severity", "Rows", "Observed"]
COLOURS = {"passed": "var(--c1)", "warning": "var(--c2)", "failed": "var(--bad)"}


def section(page: Page) -> Section:
    """Checks of the newest run by stage, and those that did not pass."""
    checks = read_checks(page)
    if checks.empty:
        return {"empty": "No check has been recorded."}
    failed = checks[checks["outcome"] != "passed"]
    outcomes = checks["outcome"].value_counts()
    passed = f"{count(outcomes.get('passed', 0))} checks passed."
    lead = (
        f"No check failed. {passed}"
        if failed.empty
        else f"{count(outcomes.get('failed', 0))} failed, {count(outcomes.get('warning', 0))} "
        f"gave a warning, {passed.replace('checks ', '')}"
    )
    more = len(failed) - LISTED
    return {
        "lead": lead,
        "figure": _figure(checks, page, lead),
        "key": [(name, colour) for name, colour in COLOURS.items() if name in outcomes],
        "tables": _by_table(checks),
        "columns": COLUMNS,
        "rows": [_row(row) for row in records(failed.head(LISTED))],
        "more": f"and {count(more)} more" if more > 0 else "",
    }


def read_checks(page: Page) -> pd.DataFrame:
    """The checks of the newest run, with their outcome: passed, warning or failed.

    That nobody is in a segment is none of them.
    """
    checks = page.read(CHECKS)
    checks = checks[checks["check_name"] != NO_FAULT]
    severity = checks["severity"].eq("error").map({True: "failed", False: "warning"})
    return checks.assign(outcome=severity.where(~is_true(checks["passed"]), "passed"))


def _by_table(checks: pd.DataFrame) -> list[list[str]]:
    """Table, and how many of its checks failed, gave a warning and passed; the worst first."""
    counts = checks.groupby(["table_name", "outcome"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=["failed", "warning", "passed"], fill_value=0).reset_index()
    worst = counts.sort_values(["failed", "warning", "table_name"], ascending=[False, False, True])
    return [[str(row[0]), *(count(number) for number in row[1:])] for row in worst.to_numpy()]


def _row(row: Any) -> list[str]:
    return [
        row.table_name,
        humanise(row.check_name),
        row.column_name or "",
        "error" if row.outcome == "failed" else "warning",
        count(row.failed_count),
        row.observed_value or "",
    ]


def _figure(checks: pd.DataFrame, page: Page, label: str) -> Any:
    grouped = (
        checks.groupby(["stage", "outcome"], as_index=False)
        .size()
        .rename(columns={"size": "check_count"})
    )
    stages = {stage: n for n, stage in enumerate(STAGES)}
    rows = grouped.assign(
        name=grouped["stage"].map(humanise),
        colour=grouped["outcome"].map(COLOURS),
        order=grouped["outcome"].map({name: n for n, name in enumerate(COLOURS)}),
        position=grouped["stage"].map(stages).fillna(len(STAGES)),
    ).sort_values(["position", "order"])
    return page.draw.responsive(
        lambda width: charts.stacked_checks(rows, width),
        f"Checks by stage. {label}",
        "Checks by stage, in the order in which the stages run.",
    )
