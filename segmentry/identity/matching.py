"""Match records that share no identifier: new ones with all, by the stored model."""

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.given_names import NameTable
from data_contracts.definitions.identity_rules import Rules
from ml.identity.matching import COLUMNS, describe, score, worth_comparing
from segmentry.warehouse.door import replace_rows

DESCRIBED = [*COLUMNS, "house"]
NEW_RECORDS = """
    select distinct source_system, identifier, known_date, first_name, last_name, birth_date,
        street, postal_code, city
    from new_idn_records
    where first_name is not null and last_name is not null
        and (birth_date is not null or street is not null or postal_code is not null)
"""
SPELLINGS = """
    with all_spellings as (
        select source_system, identifier_type, identifier, identity_id from identity.idn_identifiers
        union all
        select source_system, identifier_type, identifier, identity_id from fresh_spellings
    )
"""
# $all: none has been compared yet.
RECORDS = """
    select row_number() over () as row_id, i.identity_id, d.known_date, d.first_name, d.last_name,
        cast(d.birth_date as varchar) as birth_date, d.street, d.house, d.postal_code, d.city,
        cast($all or n.identifier is not null as integer) as is_new
    from identity.idn_descriptions as d
    inner join all_spellings as i
        on i.source_system = d.source_system and i.identifier_type = 'source_customer_id'
        and i.identifier = d.identifier
    left join (select distinct source_system, identifier from new_idn_records) as n
        on n.source_system = d.source_system and n.identifier = d.identifier
"""
# Two records that name the same e-mail, phone, card or account need no likeness.
WITHOUT_SHARED = """
    , ends as (
        select identity_id from candidates union select other_identity_id from candidates
    ),
    named as (
        select distinct a.identity_id, b.identity_id as named_id, p.known_date
        from identity.idn_pairs as p
        inner join all_spellings as a
            on a.source_system = p.source_system and a.identifier_type = p.identifier_type
            and a.identifier = p.identifier
        semi join ends on ends.identity_id = a.identity_id
        inner join all_spellings as b
            on b.source_system = p.source_system and b.identifier_type = p.other_identifier_type
            and b.identifier = p.other_identifier
        where p.identifier_type = 'source_customer_id'
            and p.other_identifier_type in ('email', 'phone', 'loyalty_id', 'source_customer_id')
    )
    select distinct c.identity_id, c.other_identity_id, c.confidence, c.valid_from
    from candidates as c
    anti join (
        select c.identity_id, c.other_identity_id
        from candidates as c
        inner join named as l on l.identity_id = c.identity_id and l.known_date <= c.valid_from
        inner join named as r on r.identity_id = c.other_identity_id
            and r.named_id = l.named_id and r.known_date <= c.valid_from
    ) as sharing
        on sharing.identity_id = c.identity_id
        and sharing.other_identity_id = c.other_identity_id
"""


def find_matches(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    rules: Rules,
    names: NameTable,
    model: str,
) -> int:
    """Compare new records with all; add matches to identity.idn_matches and `new_matches`.

    Reads `fresh_spellings` (new spelling -> identity_id). Splink is not loaded when no new record
    has a name and enough beside it.
    """
    table = contracts.tables["identity.idn_matches"]
    matches = pd.DataFrame(columns=[column.name for column in table.columns])
    records = _comparable(connection, contracts, rules, names, model)
    if len(records):
        pairs = _candidates(records, model, rules.review)
        connection.register("candidates", pa.Table.from_pandas(pairs, preserve_index=False))
        matches = connection.execute(SPELLINGS + WITHOUT_SHARED).df()
        connection.unregister("candidates")
    connection.register("matches", pa.Table.from_pandas(matches.astype({"confidence": float})))
    connection.execute(
        """
        create or replace temp table new_matches as
        select cast(identity_id as varchar) as identity_id,
            cast(other_identity_id as varchar) as other_identity_id, confidence, valid_from
        from matches
        anti join identity.idn_matches using (identity_id, other_identity_id)
        """
    )
    connection.unregister("matches")
    return replace_rows(connection, table, connection.execute("from new_matches").df(), "false")


def _comparable(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    rules: Rules,
    names: NameTable,
    model: str,
) -> pd.DataFrame:
    """Store the descriptions of new records; return them with all that a blocking rule pairs."""
    table = contracts.tables["identity.idn_descriptions"]
    new = connection.execute(NEW_RECORDS).df()
    if not len(new):
        return new
    [(before,)] = connection.execute("select count(*) from identity.idn_descriptions").fetchall()
    described = describe(new, names)
    replace_rows(connection, table, described[[column.name for column in table.columns]], "false")
    if before + len(new) < rules.fewest_records:
        return new[:0]
    connection.execute(
        f"create or replace temp table described_records as {SPELLINGS} {RECORDS}",
        {"all": before < rules.fewest_records},
    )
    return connection.execute(
        f"select * exclude (row_id) from described_records "
        f"where row_id in ({worth_comparing(model, 'described_records')}) order by all"
    ).df()


def _candidates(records: pd.DataFrame, model: str, least: float) -> pd.DataFrame:
    """Pairs of identities with the probability and the day from which both descriptions stood.

    Records that say the same are compared once: the first of them stands for all, and the others
    are tied to it by the probability of two that are equal.
    """
    first = records.sort_values(["known_date", "identity_id"]).drop_duplicates(
        ["identity_id", *DESCRIBED]
    )
    code = first.groupby(DESCRIBED, dropna=False, sort=True).ngroup().to_numpy()
    lead = first.assign(code=code).drop_duplicates("code").set_index("code")
    fresh = first["is_new"].groupby(code).max()
    several = np.flatnonzero(np.bincount(code) > 1)
    rows = pd.concat([lead.sort_index(), lead.loc[several]])
    rows = rows.assign(
        row_id=np.r_[np.arange(len(lead)), len(lead) + several],
        is_new=fresh.loc[rows.index].to_numpy(),
    )
    with duckdb.connect() as memory:
        scored = score(rows.reset_index(drop=True), model, least, memory)
    left, right = scored["left_id"].to_numpy(), scored["right_id"].to_numpy()
    across = (left < len(lead)) & (right < len(lead))
    own = right == left + len(lead)
    pairs = _between(lead, left[across], right[across], scored["probability"][across].to_numpy())
    likeness = pd.Series(scored["probability"][own].to_numpy(), index=left[own])
    tied = first.assign(code=code)[np.isin(code, left[own])]
    tied = tied[tied["identity_id"].to_numpy() != lead["identity_id"].loc[tied["code"]].to_numpy()]
    same = pd.DataFrame(
        {
            "identity_id": lead["identity_id"].loc[tied["code"]].to_numpy(),
            "other_identity_id": tied["identity_id"].to_numpy(),
            "confidence": likeness.loc[tied["code"]].to_numpy(),
            "valid_from": tied["known_date"].to_numpy(),
        }
    )
    both = pd.concat([pairs, same], ignore_index=True)
    ends = np.sort(both[["identity_id", "other_identity_id"]].to_numpy(str), axis=1)
    both["identity_id"], both["other_identity_id"] = ends[:, 0], ends[:, 1]
    both = both[both["identity_id"] != both["other_identity_id"]]
    ordered = both.sort_values(["identity_id", "other_identity_id", "valid_from", "confidence"])
    return ordered.drop_duplicates(["identity_id", "other_identity_id"])


def _between(
    lead: pd.DataFrame, left: np.ndarray, right: np.ndarray, probability: np.ndarray
) -> pd.DataFrame:
    ids, dates = lead["identity_id"], lead["known_date"]
    return pd.DataFrame(
        {
            "identity_id": ids.loc[left].to_numpy(),
            "other_identity_id": ids.loc[right].to_numpy(),
            "confidence": probability,
            "valid_from": np.maximum(dates.loc[left].to_numpy(), dates.loc[right].to_numpy()),
        }
    )
