"""Evidence out of the warehouse, people into it: what stands between dbt's two parts."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from data_contracts.definitions.contract import Contracts
from data_contracts.definitions.given_names import NameTable
from data_contracts.definitions.identity_rules import Rules
from ml.identity.audit import over_budget
from ml.identity.evidence import Edges, Nodes, build_nodes, days_of
from ml.identity.golden import golden_records
from ml.identity.resolve import Apart, Resolution, resolve
from ml.identity.tables import customer_ids, edge_rows, identity_rows, merge_rows
from segmentry.identity.audit import summarise
from segmentry.identity.evidence import EDGES, RECORDS, REGIONS, find_news, remember, touch_groups
from segmentry.identity.matching import find_matches
from segmentry.warehouse.engines.duckdb import relations
from segmentry.warehouse.tables import replace_rows


@dataclass(frozen=True)
class Resolver:
    """What resolving needs besides evidence; `hash_texts` turns texts into ids.

    overrides: rows of data_contracts/identity/overrides.csv. survivorship: column -> way, and the
    systems, the most trusted first. model: the matching model as JSON.
    """

    rules: Rules
    names: NameTable
    overrides: pd.DataFrame
    survivorship: tuple[Mapping[str, str], Sequence[str]]
    model: str
    hash_texts: Callable[[pa.Array], pa.Array]

    @property
    def digest(self) -> str:
        """Changes when anything that decides does; the same in every process."""
        parts = [
            asdict(self.rules),
            {name: sorted(formal) for name, formal in self.names.formal.items()},
            self.overrides.to_csv(),
            self.survivorship,
            self.model,
        ]
        return hashlib.sha256(
            json.dumps(parts, sort_keys=True, default=sorted).encode()
        ).hexdigest()


def update_identity(
    connection: duckdb.DuckDBPyConnection, contracts: Contracts, resolver: Resolver
) -> dict[str, int]:
    """Resolve what is new in identity.idn_* and whatever it touches, and write who is who.

    Returns how many rows of evidence were new and how many identities were resolved anew.
    """
    news = find_news(connection, resolver.digest)
    if not news:
        return {"new": 0, "resolved": 0}
    regions = dict(connection.execute(REGIONS).fetchall())
    fresh = _nodes(connection, "new_idn_sightings", regions, resolver)
    spelled = fresh.spellings.assign(
        identity_id=fresh.frame["identity_id"].to_numpy()[fresh.spellings["node"]]
    )
    with relations(connection, fresh_spellings=pa.Table.from_pandas(spelled, preserve_index=False)):
        find_matches(connection, contracts, resolver.rules, resolver.names, resolver.model)
        touch_groups(connection)
    nodes = _nodes(connection, "part_idn_sightings", regions, resolver)
    _replace(connection, contracts, nodes, resolver)
    summarise(connection, contracts)
    remember(connection)
    return {"new": sum(news.counts.values()), "resolved": len(nodes.frame)}


def budget_findings(connection: duckdb.DuckDBPyConnection, rules: Rules) -> list[str]:
    """What passes the over-merge budget, in words; empty is good."""
    metrics = dict(
        connection.execute("select metric, value from identity.identity_audit").fetchall()
    )
    return over_budget(metrics, rules.budget)


def _nodes(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    regions: Mapping[str, str],
    resolver: Resolver,
) -> Nodes:
    sightings = connection.execute(
        f"select source_system, identifier_type, identifier, known_at from {relation}"
    ).df()
    return build_nodes(sightings, regions, resolver.rules, resolver.hash_texts)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    contracts: Contracts,
    nodes: Nodes,
    resolver: Resolver,
) -> None:
    """Resolve these nodes and replace what was stored of them by the outcome."""
    ids = nodes.frame[["identity_id"]].assign(node=np.arange(len(nodes.frame)))
    with relations(
        connection,
        spellings=pa.Table.from_pandas(nodes.spellings, preserve_index=False),
        nodes=pa.Table.from_pandas(ids, preserve_index=False),
    ):
        edges, parted = with_overrides(_edges(connection), nodes, resolver.overrides)
        records = connection.execute(RECORDS).df()
    records = records.assign(day=days_of(records["known_date"]))
    resolution = resolve(nodes, edges, records, resolver.rules, resolver.names, parted)
    of_part = "identity_id in (select identity_id from part_identities)"
    connection.execute(
        "create or replace temp table part_customers as "
        f"select customer_id from identity.customer_identities where {of_part}"
    )
    of_customers = "customer_id in (select customer_id from part_customers)"
    # An edge to a blocked identifier leads out of the group: it stays unless both ends are here.
    of_edges = f"{of_part} and other_{of_part}"
    wheres = {
        "customer_merges": of_customers,
        "golden_records": of_customers,
        "identity_edges": of_edges,
    }
    for name, rows in _tables(nodes, edges, resolution, records, resolver).items():
        table = contracts.tables[f"identity.{name}"]
        replace_rows(connection, table, rows, wheres.get(name, of_part))


def _edges(connection: duckdb.DuckDBPyConnection) -> Edges:
    frame = connection.execute(EDGES).df()
    return Edges(
        frame["left_node"].to_numpy(np.int64),
        frame["right_node"].to_numpy(np.int64),
        days_of(frame["known_date"]),
        frame["rule"].to_numpy(object),
        frame["evidence"].to_numpy(object),
        frame["confidence"].to_numpy(float),
        np.zeros(len(frame), bool),
    )


def with_overrides(
    edges: Edges, nodes: Nodes, overrides: pd.DataFrame
) -> tuple[Edges, list[Apart]]:
    """The edges and what people included, and the pairs that they parted.

    An override about an identifier that nothing has named yet waits until something does.
    """
    spelled = nodes.spellings.set_index(["source_system", "identifier_type", "identifier"])["node"]
    added, parted = [], []
    for row in overrides.to_dict("records"):
        ends = [
            spelled.get(
                (row[f"source_system_{e}"], row[f"identifier_type_{e}"], row[f"identifier_{e}"])
            )
            for e in "12"
        ]
        seen = [int(end) for end in ends if end is not None]
        if len(seen) < 2 or seen[0] == seen[1]:
            continue
        left, right = sorted(seen)
        day = -1 if row["date"] is None else int(np.datetime64(row["date"], "D").astype(int))
        if row["action"] == "exclude":
            parted.append(Apart(left, right, day))
        else:
            since = max(int(nodes.day[left]), int(nodes.day[right]), day)
            added.append((left, right, since, "override", row["reason"], 1.0, True))
    if added:
        columns = [np.array(column) for column in zip(*added, strict=True)]
        existing = [getattr(edges, name) for name in Edges.__dataclass_fields__]
        edges = Edges(
            *(
                np.concatenate([old, new.astype(old.dtype)])
                for old, new in zip(existing, columns, strict=True)
            )
        )
    return edges, parted


def _tables(
    nodes: Nodes,
    edges: Edges,
    resolution: Resolution,
    records: pd.DataFrame,
    resolver: Resolver,
) -> dict[str, pd.DataFrame]:
    ids = customer_ids(nodes, resolver.hash_texts)
    identity_id = nodes.frame["identity_id"]
    identities = identity_rows(nodes, edges, resolution, ids)
    own = pd.Series(ids.to_numpy(), index=identity_id)
    identified = identities.assign(own_customer_id=own[identities["identity_id"]].to_numpy())
    today = identities[identities["valid_to"].isna()].set_index("identity_id")["customer_id"]
    versions = records.assign(identity_id=identity_id.to_numpy()[records["node"]])
    versions["customer_id"] = versions["identity_id"].map(today)
    spelled = nodes.spellings
    return {
        "golden_records": golden_records(
            versions.dropna(subset=["customer_id"]), *resolver.survivorship
        ),
        "customer_merges": merge_rows(identified),
        "customer_identities": identities,
        "idn_identifiers": spelled.drop(columns="node").assign(
            identity_id=identity_id.to_numpy()[spelled["node"]]
        ),
        "idn_nodes": nodes.frame.drop(columns=["is_role", "follows"]).assign(
            group_id=identity_id.to_numpy()[resolution.group]
        ),
        "identity_edges": edge_rows(nodes, edges, resolution),
    }
