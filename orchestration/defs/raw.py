"""raw: one asset per contracted source table, landed together per source in one transaction."""

import datetime
from collections.abc import Iterator

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Table
from orchestration.checks import check_result
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.landing.configured import land_configured
from segmentry.landing.report import TableReport
from segmentry.landing.sample import validate_landed
from segmentry.quality.validation import record

FILES = frozenset({"duckdb", "file"})


def build_raw_assets(source: str, tables: list[Table]) -> dg.AssetsDefinition:
    """The assets of one source system."""

    @dg.multi_asset(
        name=f"land_{source}",
        specs=[table_spec(table.full_name, [], FILES) for table in tables],
        check_specs=[contract_check(table.full_name) for table in tables],
        pool="warehouse",
    )
    def land(
        context: dg.AssetExecutionContext, segmentry: SegmentryHome
    ) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        warehouse, contracts = segmentry.warehouse, segmentry.contracts
        warehouse.create(contracts)
        now = datetime.datetime.now(datetime.UTC)
        report = land_configured(segmentry.home, contracts, source, now)
        for name, counts in report.fetched.items():
            context.log.info(f"database {name}: {counts}")
        for message in [*report.warnings, *report.messages]:
            context.log.warning(message)
        for table in tables:
            landed = report.tables.get(table.entity, TableReport())
            yield dg.MaterializeResult(["raw", table.name], metadata=landed.counts)
            outcomes = validate_landed(warehouse, table, landed)
            record(warehouse, contracts, context.run_id, outcomes)
            yield check_result(["raw", table.name], outcomes)

    return land


def raw_assets() -> list[dg.AssetsDefinition]:
    """The assets of every source system that has a contract."""
    return [build_raw_assets(s, t) for s, t in sorted(load_contracts().sources().items())]
