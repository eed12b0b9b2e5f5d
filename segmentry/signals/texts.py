"""Texts: which tickets and reviews are not scored yet, and their scores, batch by batch."""

import pandas as pd

from data_contracts.definitions.contract import Table
from ml.signals.text import READ_CHARACTERS, describe_texts
from ml.signals.topics import TOPIC_COLUMNS, weigh_topics
from segmentry.artefacts import load_topics
from segmentry.warehouse.door import Warehouse
from segmentry.warehouse.tables import rows_of

BATCH_ROWS = 20_000
# Part of every fingerprint: a change of how texts are scored scores them again.
SCORING = "1"

# Every text as it came, with the strongest identifier of its row; staging keeps the newest version.
TEXTS = f"""
    select
        'ticket' as text_kind, ticket_id as source_row_id, source_system,
        case when source_customer_id is not null then 'source_customer_id' else 'email' end
            as identifier_type,
        coalesce(source_customer_id, email) as identifier,
        opened_at as occurred_at,
        left(concat_ws(' . ', subject, body), {READ_CHARACTERS}) as raw_text
    from staging.stg_all__support_tickets
    union all
    select
        'review', review_id, source_system, 'source_customer_id', source_customer_id, created_at,
        left(body, {READ_CHARACTERS})
    from staging.stg_all__reviews
"""
# Each text with the topic model in force when it was written: that one weighs it, for ever.
_WANTED = f"""
    select
        texts.text_kind, texts.source_row_id, texts.source_system, identifiers.identity_id,
        texts.occurred_at, texts.raw_text, versions.encoder_version,
        md5('{SCORING}' || coalesce(texts.raw_text, '')) as text_digest
    from ({TEXTS}) as texts
    inner join identity.idn_identifiers as identifiers
        on identifiers.source_system = texts.source_system
        and identifiers.identifier_type = texts.identifier_type
        and identifiers.identifier = texts.identifier
    left join (
        select encoder_version, effective_from,
            lead(effective_from) over (order by effective_from) as replaced_on
        from core.encoder_versions where encoder = 'topics' and artefact_digest is not null
    ) as versions
        on versions.effective_from <= texts.occurred_at
        and (versions.replaced_on is null or versions.replaced_on > texts.occurred_at)
"""
_SAME = """
    {left}.text_kind = {right}.text_kind and {left}.source_row_id = {right}.source_row_id
    and {left}.identity_id = {right}.identity_id and {left}.text_digest = {right}.text_digest
    and {left}.encoder_version is not distinct from {right}.encoder_version
"""
_STALE = (
    f"not exists (select 1 from ({_WANTED}) as wanted "
    f"where {_SAME.format(left='wanted', right='fct_text_signals')})"
)
_PENDING = f"""
    select wanted.* from ({_WANTED}) as wanted
    where not exists (
        select 1 from core.fct_text_signals as scored
        where {_SAME.format(left="wanted", right="scored")}
    )
    order by text_kind, source_row_id limit {BATCH_ROWS}
"""
_NOTHING = "false"


def score_texts(warehouse: Warehouse, table: Table) -> int:
    """Bring core.fct_text_signals up to date and return how many texts were scored.

    What was scored already with the same text and model stays; rows whose text is gone, changed
    or weighed by another model go.
    """
    warehouse.replace(table, rows_of(table, []), _STALE)
    scored = 0
    while len(pending := warehouse.read(_PENDING)):
        scored += warehouse.replace(table, _signals(warehouse, pending), _NOTHING)
    return scored


def _signals(warehouse: Warehouse, pending: pd.DataFrame) -> pd.DataFrame:
    """One batch scored: its rows of core.fct_text_signals."""
    described = describe_texts(pending["raw_text"].fillna("").tolist())
    columns = ["topic_id", *TOPIC_COLUMNS]
    topics = pd.DataFrame(float("nan"), index=pending.index, columns=columns)
    for version, rows in pending.groupby("encoder_version").groups.items():
        stored = warehouse.read(_ARTEFACT, [version]).iloc[0]
        path = warehouse.home.root / stored["artefact_path"]
        model = load_topics(path, stored["artefact_digest"])
        weights = weigh_topics(model, described.loc[rows, "text"].tolist())
        topics.loc[rows] = weights.astype("float64").to_numpy()
    scores = pd.concat([described[["script", "sentiment"]], topics], axis=1)
    return pd.concat([pending.drop(columns="raw_text"), scores], axis=1)


_ARTEFACT = """
    select artefact_path, artefact_digest from core.encoder_versions where encoder_version = ?
"""
