"""Pairs of people to review, and the audit of all identities."""

import duckdb
import numpy as np
import pandas as pd

from data_contracts.definitions.contract import Contracts
from ml.identity.audit import audit
from segmentry.warehouse.tables import replace_rows

# Both ends of an edge are in one group, so that both are resolved anew or neither. Two customers
# are reviewed once for each rule, by an edge of a record where there is one.
REVIEWS = """
    select e.identity_id, e.other_identity_id, e.rule, e.reason, e.confidence,
        l.customer_id as left_customer_id, r.customer_id as right_customer_id, e.valid_from
    from identity.identity_edges as e
    semi join part_identities as p on p.identity_id = e.identity_id
    inner join identity.customer_identities as l
        on l.identity_id = e.identity_id and l.valid_to is null
    inner join identity.customer_identities as r
        on r.identity_id = e.other_identity_id and r.valid_to is null
    where e.status = 'review' and l.customer_id <> r.customer_id
    qualify row_number() over (
        partition by e.rule, least(l.customer_id, r.customer_id),
            greatest(l.customer_id, r.customer_id)
        order by 'source_customer_id' in (l.identifier_type, r.identifier_type) desc,
            e.confidence desc, e.valid_from, e.identity_id, e.other_identity_id
    ) = 1
"""
SIZES = """
    with customers as (
        select count(*) as identifiers, count_if(identifier_type = 'email') as emails,
            count_if(identifier_type = 'source_customer_id') as records
        from identity.customer_identities where valid_to is null group by customer_id
    )
    select identifiers, emails, records, count(*) as customers from customers group by all
"""
EDGES = "select rule, status, reason, count(*) as edges from identity.identity_edges group by all"
MERGES = "select event_type, count(*) from identity.customer_merges group by event_type"
REVIEWED = "select count(*) from identity.review_candidates"
BLOCKED = "select count(*) from identity.customer_identities where rule = 'blocked'"
# A bridge takes two cycles: a customer with as many pairs as identities has one at most.
DOUBTFUL = """
    with people as (
        select identity_id, customer_id, row_number() over () as node
        from identity.customer_identities where valid_to is null
    ),
    pairs as (
        select distinct l.customer_id, least(l.node, r.node) as a, greatest(l.node, r.node) as b
        from identity.identity_edges as e
        inner join people as l on l.identity_id = e.identity_id
        inner join people as r on r.identity_id = e.other_identity_id
        where e.status in ('accepted', 'manual') and e.valid_to is null
    ),
    sizes as (select customer_id, count(*) as nodes from people group by customer_id),
    cyclic as (
        select customer_id from pairs inner join sizes using (customer_id)
        group by customer_id, nodes having count(*) > nodes
    )
    select a, b from pairs semi join cyclic using (customer_id)
"""


def summarise(connection: duckdb.DuckDBPyConnection, contracts: Contracts) -> None:
    """Renew identity.review_candidates of `part_identities`, and identity.identity_audit."""
    tables = contracts.tables
    of_part = "identity_id in (select identity_id from part_identities)"
    reviews = connection.execute(REVIEWS).df()
    replace_rows(connection, tables["identity.review_candidates"], reviews, of_part)
    replace_rows(connection, tables["identity.identity_audit"], _audit(connection))


def _audit(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    doubtful = connection.execute(DOUBTFUL).df()
    [(blocked,)] = connection.execute(BLOCKED).fetchall()
    [(reviewed,)] = connection.execute(REVIEWED).fetchall()
    return audit(
        connection.execute(SIZES).df(),
        connection.execute(EDGES).df(),
        dict(connection.execute(MERGES).fetchall()),
        {"blocked_identifiers": blocked, "review_candidates": reviewed},
        (doubtful["a"].to_numpy(np.int64), doubtful["b"].to_numpy(np.int64)),
    )
