"""dbt in this process, its events told to Dagster.

dagster-dbt starts a process for each invocation, which imports dbt and reads the project again:
seconds for each part of each run.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dagster_dbt.dagster_dbt_translator import DagsterDbtTranslator

from segmentry.home import DBT_PROJECT, Home

Record = dict[str, Any]


@dataclass
class DbtBuild:
    """One `dbt build` that has ended: its events, its results, and whether all went well."""

    events: list[Record] = field(default_factory=list)
    results: list[Record] = field(default_factory=list)
    is_successful: bool = False
    error: str = ""


def build(context: dg.AssetExecutionContext, home: Home) -> tuple[DbtBuild, Iterator[Any]]:
    """Run `dbt build` for the assets that Dagster selected; what it did, and Dagster's events."""
    parameters = get_updated_cli_invocation_params_for_context(context, {}, DagsterDbtTranslator())
    # The manifest is there since the project was parsed; writing it again costs seconds.
    arguments = ["build", "--no-write-json", *parameters.selection_args]
    if parameters.indirect_selection:
        arguments += ["--indirect-selection", parameters.indirect_selection]
    done = run_dbt(home, arguments)
    messages = (DbtCoreCliEventMessage(event, {}) for event in done.events)
    events = (
        told
        for message in messages
        for told in message.to_default_asset_events(
            parameters.manifest, parameters.dagster_dbt_translator, context
        )
    )
    return done, events


def run_dbt(home: Home, arguments: list[str]) -> DbtBuild:
    """Invoke dbt on the project, working in `home`; what it prints goes to standard output.

    Its adapter keeps the database open until the process ends, so that the many short connections
    of the steps in between neither read it anew nor write a checkpoint each.
    """
    from dbt.cli.main import dbtRunner
    from dbt_common.events.functions import msg_to_dict

    os.environ.update(home.environment())
    done = DbtBuild()

    def keep(event: Any) -> None:
        if event.info.name in ("LogModelResult", "LogTestResult"):
            done.events.append(msg_to_dict(event))

    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    ended = dbtRunner(callbacks=[keep]).invoke([*arguments, *folders])
    for result in getattr(ended.result, "results", ()):
        done.results.append(
            {
                "unique_id": result.node.unique_id,
                "status": str(result.status),
                "message": result.message,
                "failures": result.failures,
                "compiled_code": getattr(result.node, "compiled_code", None),
            }
        )
    done.is_successful = ended.success
    done.error = str(ended.exception or "")
    return done


def manifest_nodes(home: Home) -> dict[str, Any]:
    """The nodes of the project, as it was parsed for this home."""
    nodes: dict[str, Any] = json.loads((home.dbt / "target/manifest.json").read_text())["nodes"]
    return nodes
