"""Run the whole line in this process: what `segmentry run` and `make demo` call."""

import contextlib
import datetime
import os
import re
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
import yaml

from orchestration.definitions import build_defs
from orchestration.defs.jobs import WHOLE_LINE
from orchestration.history import record_run
from segmentry.home import Home
from segmentry.landing.databases import reference_of

# An error that is written for people needs no class name before it.
OWN_ERROR = re.compile(
    r"^(?:orchestration|segmentry|data_contracts|ml|dagster)\.[\w.]*(?:Error|Failure): "
)
# Jobs share the dates to build and the warehouse: one runs at a time, the others wait.
DAGSTER_SETTINGS = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "concurrency": {"runs": {"max_concurrent_runs": 1}},
}


@dataclass(frozen=True)
class RunOutcome:
    """How one run ended. `failure` is empty after a good run."""

    run_id: str
    success: bool
    seconds: float
    failure: str = ""


def prepare(home: Home) -> None:
    """Make the folders and settings that dbt and Dagster expect, telemetry off."""
    home.create()
    os.environ.update(home.environment())
    (home.dagster / "dagster.yaml").write_text(yaml.safe_dump(DAGSTER_SETTINGS))


def run_whole_line(
    home: Home,
    sources: dict[str, Path | None],
    as_of: datetime.date | None,
    databases: dict[str, str] | None = None,
    progress: dg.LoggerDefinition | None = None,
) -> RunOutcome:
    """Land `sources` (source system -> folder, None for an installed one) and build everything.

    databases: name -> URL or env:VARIABLE of live databases; the home remembers the variable.
    progress: a logger that shows the run on the screen; None stays silent.
    """
    prepare(home)
    config = home.read_config()
    named = {name: str(path.resolve()) if path else None for name, path in sources.items()}
    references = {name: reference_of(name, url) for name, url in (databases or {}).items()}
    config = replace(
        config, sources=config.sources | named, databases=config.databases | references
    )
    home.write_config(config)
    started = time.monotonic()
    defs = build_defs(home, {"progress": progress} if progress else None)
    run_config: dict[str, Any] = {}
    if progress:
        run_config["loggers"] = {"progress": {"config": {"sources": [*config.sources]}}}
    if as_of is not None:
        run_config["ops"] = {"plan": {"config": {"as_of": as_of.isoformat()}}}
    with dg.DagsterInstance.get() as instance:
        job = defs.resolve_job_def(WHOLE_LINE.name)
        with (home.dbt / "build.log").open("w") as log, contextlib.redirect_stdout(log):
            result = job.execute_in_process(run_config, instance=instance, raise_on_error=False)
        record_run(instance, result.run_id, home)
    seconds = time.monotonic() - started
    failure = "" if result.success else failure_of(result)
    return RunOutcome(result.run_id, result.success, seconds, failure)


def failure_of(result: dg.ExecuteInProcessResult) -> str:
    """What went wrong: what our code raised in the steps that failed, and the failed checks."""
    messages = []
    for event in result.all_events:
        error = event.step_failure_data.error if event.is_step_failure else None
        if error is not None:
            raised = error.cause or error  # Dagster's own error only says in which step
            messages.append(OWN_ERROR.sub("", raised.message).strip())
    for check in result.get_asset_check_evaluations():
        if not check.passed and check.severity == dg.AssetCheckSeverity.ERROR:
            failed = check.metadata.get("failed")
            table = ".".join(check.asset_key.path)
            messages.append(f"{table}: {check.check_name}: {failed.value if failed else 'failed'}")
    return "\n".join(dict.fromkeys(messages))
