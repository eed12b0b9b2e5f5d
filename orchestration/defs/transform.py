"""What dbt builds: the evidence of who is who, the mart, and the tables derived from segments.

Three parts, since Python stands between them (identity and text; models and the fold), and no
more: each start of dbt costs seconds.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.dbt import build
from orchestration.resources import SegmentryHome
from segmentry.dbt.invoke import manifest_nodes
from segmentry.dbt.outcomes import failure_message, outcomes_of
from segmentry.quality.validation import record


class StageTranslator(DagsterDbtTranslator):
    """Asset key = schema and table; group = stage folder; owner from the contract."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return dg.AssetKey([dbt_resource_props["source_name"], dbt_resource_props["name"]])
        if dbt_resource_props["resource_type"] == "model":
            return dg.AssetKey([stage_of(dbt_resource_props), dbt_resource_props["name"]])
        return super().get_asset_key(dbt_resource_props)

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return stage_of(dbt_resource_props)

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """Meaning only: the default appends SQL, which the UI shows elsewhere."""
        return str(dbt_resource_props.get("description", "")).strip()


def stage_of(dbt_resource_props: Mapping[str, Any]) -> str:
    """The folder right below `models` is the stage."""
    return str(dbt_resource_props["fqn"][1])


# Encoders learn from what people do, so that one view of core comes before them.
BEFORE_PYTHON = "fct_behaviours"
PARTS = {
    "evidence": f"staging ops identity {BEFORE_PYTHON}",
    "mart": "core features",
    "derived": "models segments",
}


def build_dbt_assets(manifest: Path) -> list[dg.AssetsDefinition]:
    """All dbt models as assets, their tests as checks."""
    return [_part(manifest, f"dbt_{name}", select) for name, select in PARTS.items()]


def _part(manifest: Path, name: str, select: str) -> dg.AssetsDefinition:

    @dbt_assets(
        manifest=manifest,
        dagster_dbt_translator=StageTranslator(
            DagsterDbtTranslatorSettings(enable_asset_checks=True)
        ),
        select=select,
        exclude=f"resource_type:unit_test {'' if name == 'dbt_evidence' else BEFORE_PYTHON}",
        name=name,
        pool="warehouse",
    )
    def dbt_models(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator[Any]:
        with segmentry.warehouse.lock():
            done, events = build(context, segmentry.home)
        yield from events
        nodes = manifest_nodes(segmentry.home)
        outcomes = outcomes_of(done.results, nodes, segmentry.contracts, segmentry.warehouse.read)
        record(segmentry.warehouse, segmentry.contracts, context.run_id, outcomes)
        if not done.is_successful:
            raise dg.Failure(description=failure_message(outcomes, done.error))

    return dbt_models
