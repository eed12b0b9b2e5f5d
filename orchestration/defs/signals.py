"""core, as far as Python makes it: encoders as versions, mood and topics of texts."""

from collections.abc import Iterator

import dagster as dg

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.signals.encoders import fit_encoders
from segmentry.signals.texts import score_texts
from segmentry.warehouse.facts import newest_date
from segmentry.warehouse.tables import rows_of

LEARNED_FROM = [
    "ops.build_dates",
    "core.fct_behaviours",
    "staging.stg_all__orders",
    "staging.stg_all__order_lines",
    "staging.stg_all__products",
    "staging.stg_all__support_tickets",
    "staging.stg_all__reviews",
]
ENCODERS = ("core.encoder_versions", "core.token_vectors", "core.text_topics")
SIGNALS = "core.fct_text_signals"


@dg.multi_asset(
    name="encoders",
    specs=[table_spec(name, LEARNED_FROM) for name in ENCODERS],
    check_specs=[contract_check(name) for name in ENCODERS],
    pool="warehouse",
)
def encoders(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Fit the versions that are due; those that are there stay as they are."""
    fitted = fit_encoders(segmentry.warehouse, newest_date(segmentry.warehouse))
    for version, rows in fitted.late_rows.items():
        context.log.warning(f"{version} is kept; its input has changed by {rows:+d} rows since")
    for name, frames in zip(
        ENCODERS, (fitted.versions, fitted.vectors, fitted.topics), strict=True
    ):
        table = segmentry.table(name)
        rows = segmentry.warehouse.replace(table, rows_of(table, frames), "false")
        yield dg.MaterializeResult(name.split("."), metadata={"new_rows": rows})
        yield judge(context, segmentry, name, may_be_empty=True)


@dg.multi_asset(
    name="text_signals",
    specs=[table_spec(SIGNALS, [*ENCODERS, *LEARNED_FROM[-2:], "identity.idn_identifiers"])],
    check_specs=[contract_check(SIGNALS)],
    pool="warehouse",
)
def text_signals(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Score the texts that are new, changed, or weighed by another model now."""
    scored = score_texts(segmentry.warehouse, segmentry.table(SIGNALS))
    yield dg.MaterializeResult(SIGNALS.split("."), metadata={"scored": scored})
    yield judge(context, segmentry, SIGNALS, may_be_empty=True)
