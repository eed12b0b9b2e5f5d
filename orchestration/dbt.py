"""The events of a dbt build as Dagster's: `segmentry.dbt.invoke` runs it, in this process."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from dagster_dbt.dagster_dbt_translator import DagsterDbtTranslator

from segmentry.dbt.invoke import Invocation, run_dbt
from segmentry.dbt.manifest import project_of
from segmentry.home import Home


def build(context: dg.AssetExecutionContext, home: Home) -> tuple[Invocation, Iterator[Any]]:
    """Run `dbt build` for the assets that Dagster selected; what it did, and Dagster's events."""
    parameters = get_updated_cli_invocation_params_for_context(context, {}, DagsterDbtTranslator())
    # The manifest is there since the project was parsed; writing it again costs seconds.
    arguments = ["build", "--no-write-json", *parameters.selection_args]
    if parameters.indirect_selection:
        arguments += ["--indirect-selection", parameters.indirect_selection]
    done = run_dbt(home, arguments, project_of(home))
    messages = (DbtCoreCliEventMessage(event, {}) for event in done.events)
    events = (
        event
        for message in messages
        for event in message.to_default_asset_events(
            parameters.manifest, parameters.dagster_dbt_translator, context
        )
    )
    return done, events
