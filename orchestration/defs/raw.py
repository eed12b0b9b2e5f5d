"""raw: one asset per contracted source table, landed together per source in one transaction."""

import datetime
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import dagster as dg

from data_contracts.compiler.loading import load_contracts
from data_contracts.definitions.contract import Table
from orchestration.checks import check_result
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.landing.databases import database_tables, read_database
from segmentry.landing.deliveries import landing_folder
from segmentry.landing.source import LandingReport, TableReport, gx_sample, land_source
from segmentry.quality.validation import SAMPLE_ROWS, CheckOutcome, record, validate_frame
from segmentry.warehouse.facts import Setting, set_setting

FILES = frozenset({"duckdb", "file"})
COUNTS = ("files", "landed", "unchanged", "changed", "quarantined")


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
        segmentry.warehouse.create(segmentry.contracts)
        report = land_delivered(context, segmentry, source)
        for table in tables:
            rows = asdict(report.tables.get(entity_of(table), TableReport()))
            metadata = {name: rows[name] for name in COUNTS} | {"rows": rows["landed"]}
            yield dg.MaterializeResult(["raw", table.name], metadata=metadata)
            outcomes = judge_landed(context, segmentry, table, rows)
            yield check_result(["raw", table.name], outcomes)

    return land


def entity_of(table: Table) -> str:
    return table.name.split("__", 1)[1]


def land_delivered(
    context: dg.AssetExecutionContext, segmentry: SegmentryHome, source: str
) -> LandingReport:
    """Land the files of a source that the home names; what needs a look becomes a warning."""
    config = segmentry.home.read_config()
    if source not in config.sources:
        return LandingReport(source)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    folder = landing_folder(source, config.sources[source])
    if config.reporting_currency:
        with segmentry.warehouse.connect() as connection:
            set_setting(connection, Setting.REPORTING_CURRENCY, config.reporting_currency)
    databases = read_databases(context, segmentry, source)
    with segmentry.warehouse.connect() as connection:
        report = land_source(connection, source, folder, segmentry.contracts, now, databases)
    for message in [*report.warnings, *report.messages]:
        context.log.warning(message)
    return report


def read_databases(
    context: dg.AssetExecutionContext, segmentry: SegmentryHome, source: str
) -> Path | None:
    """Fetch what is new in the live databases that the home names for a source.

    Returns the folder of their files, None for a source that no database ever delivered.
    """
    references = segmentry.home.read_config().databases
    for name, tables in database_tables(segmentry.contracts, source).items():
        if name in references:
            counts = read_database(segmentry.home, source, name, references[name], tables)
            context.log.info(f"database {name}: {counts}")
    folder = segmentry.home.delivered / source
    return folder if folder.exists() else None


def judge_landed(
    context: dg.AssetExecutionContext,
    segmentry: SegmentryHome,
    table: Table,
    counts: dict[str, int],
) -> list[CheckOutcome]:
    """What landing set aside, and Great Expectations on a bounded sample of what went on."""
    outcomes = []
    if counts["new_files"]:
        bad = counts["quarantined"]
        seen = f"{bad} rows set aside"
        outcomes.append(
            CheckOutcome(table, "row_rules", None, "landing", "warn", not bad, seen, bad)
        )
    if counts["landed"]:
        with segmentry.warehouse.connect() as connection:
            sample = gx_sample(connection, table, SAMPLE_ROWS)
        outcomes += validate_frame(table, sample, may_be_empty=False)
    record(segmentry.warehouse, segmentry.contracts, context.run_id, outcomes)
    return outcomes


def raw_assets() -> list[dg.AssetsDefinition]:
    return [build_raw_assets(s, t) for s, t in sorted(load_contracts().sources().items())]
