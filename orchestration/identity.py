"""Evidence out of the warehouse, people into it: what stands between dbt's two parts."""

from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data_contracts.compiler.contract import Contracts
from ml.identity.evidence import Edges, Nodes, build_nodes, days_of
from ml.identity.names import NameTable
from ml.identity.resolve import Resolution, resolve
from ml.identity.rules import Rules
from ml.identity.tables import customer_ids, edge_rows, identity_rows, merge_rows
from orchestration.warehouse import replace_rows

EDGES = """
    with pairs as (
        select
            least(l.node, r.node) as left_node,
            greatest(l.node, r.node) as right_node,
            case
                when p.identifier_type = p.other_identifier_type then 'login_id'
                else p.other_identifier_type
            end as rule,
            p.evidence,
            p.known_date
        from identity.idn_pairs as p
        inner join spellings as l
            on l.source_system = p.source_system and l.identifier_type = p.identifier_type
            and l.identifier = p.identifier
        inner join spellings as r
            on r.source_system = p.source_system and r.identifier_type = p.other_identifier_type
            and r.identifier = p.other_identifier
    )
    select left_node, right_node, rule, min(known_date) as known_date,
        arg_min(evidence, (known_date, evidence)) as evidence
    from pairs
    where left_node <> right_node
    group by left_node, right_node, rule
    order by left_node, right_node, rule
"""
RECORDS = """
    select distinct s.node, r.known_date, r.first_name, r.last_name, r.birth_date
    from identity.idn_records as r
    inner join spellings as s
        on s.source_system = r.source_system and s.identifier_type = 'source_customer_id'
        and s.identifier = r.identifier
    order by all
"""
REGIONS = """
    select phone, arg_min(country, (known_date, country)) as country
    from identity.idn_records where phone is not null and country is not null group by phone
"""


@dataclass(frozen=True)
class Resolver:
    """What resolving needs besides evidence; `hash_texts` turns texts into ids."""

    rules: Rules
    names: NameTable
    hash_texts: Callable[[pa.Array], pa.Array]


def update_identity(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, resolver: Resolver
) -> dict[str, int]:
    """Resolve the evidence that stands in identity.idn_* and write who is who.

    Returns how many rows of evidence were new and how many rows were written.
    """
    sightings = connection.execute(
        "select source_system, identifier_type, identifier, known_at from identity.idn_sightings"
    ).df()
    regions = dict(connection.execute(REGIONS).fetchall())
    nodes = build_nodes(sightings, regions, resolver.rules, resolver.hash_texts)
    connection.register("spellings", pa.Table.from_pandas(nodes.spellings, preserve_index=False))
    edges = _edges(connection)
    records = connection.execute(RECORDS).df()
    records = records.assign(day=days_of(records["known_date"]))
    resolution = resolve(nodes, edges, records, resolver.rules, resolver.names)
    connection.unregister("spellings")
    written = 0
    for name, rows in _tables(nodes, edges, resolution, resolver).items():
        written += replace_rows(connection, contracts.tables[f"identity.{name}"], rows)
    return {"new": len(sightings), "written": written}


def _edges(connection: duckdb.DuckDBPyConnection) -> Edges:
    frame = connection.execute(EDGES).df()
    return Edges(
        frame["left_node"].to_numpy(np.int64),
        frame["right_node"].to_numpy(np.int64),
        days_of(frame["known_date"]),
        frame["rule"].to_numpy(object),
        frame["evidence"].to_numpy(object),
        np.ones(len(frame)),
        np.full(len(frame), -1),
        np.zeros(len(frame), bool),
    )


def _tables(
    nodes: Nodes, edges: Edges, resolution: Resolution, resolver: Resolver
) -> dict[str, pd.DataFrame]:
    ids = customer_ids(nodes, resolver.hash_texts)
    identity_id = nodes.frame["identity_id"]
    identities = identity_rows(nodes, edges, resolution, ids)
    own = pd.Series(ids.to_numpy(), index=identity_id)
    identified = identities.assign(own_customer_id=own[identities["identity_id"]].to_numpy())
    spelled = nodes.spellings
    return {
        "customer_identities": identities,
        "idn_identifiers": spelled.drop(columns="node").assign(
            identity_id=identity_id.to_numpy()[spelled["node"]]
        ),
        "idn_nodes": nodes.frame.drop(columns=["is_role", "follows"]).assign(
            group_id=identity_id.to_numpy()[resolution.group]
        ),
        "identity_edges": edge_rows(nodes, edges, resolution),
        "customer_merges": merge_rows(identified),
    }
