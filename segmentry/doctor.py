"""What is wrong with a home: each finding says what was seen and what to do."""

from dataclasses import dataclass

import duckdb

from data_contracts.definitions.contract import ContractError
from segmentry.home import ConfigurationError, Home
from segmentry.project.check import check_project
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.snapshot import Snapshot

BUSY_SECONDS = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where all is well."""

    subject: str
    seen: str
    remedy: str = ""


def examine(home: Home) -> list[Finding]:
    """Look at the project, then at what the home holds. Changes nothing."""
    findings = [_project(), _configuration(home)]
    if not home.warehouse.exists():
        missing = Finding("warehouse", "there is none yet", "run segmentry run --source ...")
        return [*findings, missing]
    return [*findings, *_warehouse(home), *_serving(home)]


def _project() -> Finding:
    try:
        return Finding("project", check_project())
    except (ContractError, ConfigurationError) as error:
        return Finding("project", str(error), "correct the file; segmentry check looks again")


def _configuration(home: Home) -> Finding:
    try:
        sources = ", ".join(home.read_config().sources) or "no source yet"
        return Finding("configuration", sources)
    except ConfigurationError as error:
        return Finding("configuration", str(error), "correct config.yaml")


def _warehouse(home: Home) -> list[Finding]:
    warehouse = Warehouse(home, lock_seconds=BUSY_SECONDS)
    try:
        run = warehouse.read(_LAST_RUN)
        held = warehouse.read(_HELD_BACK)
    except ConfigurationError:
        return [Finding("warehouse", "in use by a run at this moment")]
    except duckdb.Error as error:
        return [Finding("warehouse", f"cannot be read: {error}", "restore it, or land again")]
    findings = []
    failed = run[run["status"] == "failed"]["step"].tolist()
    if run.empty:
        findings.append(Finding("last run", "none has ended", "run segmentry run --source ..."))
    elif failed:
        remedy = "run again; what it prints says what to do"
        findings.append(Finding("last run", f"failed in {', '.join(failed)}", remedy))
    else:
        findings.append(Finding("last run", f"went well in {run['seconds'].sum():.0f} seconds"))
    for row in held.to_dict("records"):
        seen = f"{row['row_count']} rows of {row['file']} break {row['rule']}: {row['reason']}"
        findings.append(Finding("quarantine", seen, "correct the file and land it again"))
    return findings


_LAST_RUN = """
    select step, status, seconds from ops.pipeline_runs
    where run_id = (select arg_max(run_id, started_at) from ops.pipeline_runs)
    order by started_at
"""
_HELD_BACK = """
    select file, rule, count(*) as row_count, min(reason) as reason from ops.quarantined_rows
    group by file, rule order by row_count desc, file, rule limit 10
"""


def _serving(home: Home) -> list[Finding]:
    if not home.served_database.exists():
        return [Finding("serving", "nothing was published yet", "run segmentry run --source ...")]
    served = Snapshot(home)
    as_of, failed = served.scalar(_SERVED_DATE), served.scalar(_BROKEN)
    findings = [Finding("serving", f"segments of {as_of}")]
    if failed:
        remedy = "see the report's part on data quality"
        findings.append(Finding("data quality", f"{failed} promises did not hold", remedy))
    return findings


_SERVED_DATE = "select max(as_of_date) from segments.segment_summary"
_BROKEN = """
    select count(*) from ops.data_quality_results where not passed and severity = 'error'
"""
