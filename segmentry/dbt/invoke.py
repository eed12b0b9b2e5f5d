"""dbt in this process: invoked on the project, its events and results as plain records.

A process for each invocation would import dbt and read the project again: seconds for each part
of each run.
"""

import json
import os
from dataclasses import dataclass, field
from typing import Any

from segmentry.home import DBT_PROJECT, Home

Record = dict[str, Any]


@dataclass(frozen=True)
class Invocation:
    """One invocation of dbt that has ended.

    events: the log events of models and tests, as dbt's messages. results: one record per node
    with unique_id, status, message, failures and compiled_code. error: dbt's own, empty without.
    manifest: what a parse found.
    """

    events: list[Record] = field(default_factory=list)
    results: list[Record] = field(default_factory=list)
    is_successful: bool = False
    error: str = ""
    manifest: Any = None


def run_dbt(home: Home, arguments: list[str], project: Any = None) -> Invocation:
    """Invoke dbt on the project, working in `home`; what it prints goes to standard output.

    project: the manifest that a parse in this process gave, so that dbt does not read it again.

    Its adapter keeps the database open until the process ends, so that the many short connections
    of the steps in between neither read it anew nor write a checkpoint each.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    os.environ.update(home.environment())
    events: list[Record] = []

    def keep(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogTestResult"):
            events.append(msg_to_dict(event))

    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    ended = dbtRunner(manifest=project, callbacks=[keep]).invoke([*arguments, *folders])
    results = [_result(result) for result in getattr(ended.result, "results", ())]
    parsed = ended.result if arguments[-1] == "parse" else None
    return Invocation(events, results, ended.success, str(ended.exception or ""), parsed)


def _result(result: Any) -> Record:
    return {
        "unique_id": result.node.unique_id,
        "status": str(result.status),
        "message": result.message,
        "failures": result.failures,
        "compiled_code": getattr(result.node, "compiled_code", None),
    }


def manifest_nodes(home: Home) -> dict[str, Any]:
    """The nodes of the project, as it was parsed for this home."""
    nodes: dict[str, Any] = json.loads((home.dbt / "target/manifest.json").read_text())["nodes"]
    return nodes
