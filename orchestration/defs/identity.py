"""identity: who is who, between the evidence and everything that counts people."""

from collections.abc import Iterator

import dagster as dg

from data_contracts.compiler.identity_rules import load_nicknames, load_rules
from orchestration.checks import judge
from orchestration.identity import Resolver, update_identity
from orchestration.keyed_hash import hash_column, load_key
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec

EVIDENCE = ["identity.idn_sightings", "identity.idn_pairs", "identity.idn_records"]
PEOPLE = (
    "identity.customer_identities",
    "identity.idn_identifiers",
    "identity.idn_nodes",
    "identity.identity_edges",
    "identity.customer_merges",
)
MAY_BE_EMPTY = {"identity.identity_edges", "identity.customer_merges"}


@dg.multi_asset(
    name="identity",
    specs=[table_spec(name, EVIDENCE) for name in PEOPLE],
    check_specs=[contract_check(name) for name in PEOPLE],
    pool="warehouse",
)
def identity(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Resolve what is new in the evidence; groups that nothing touches stay as they are."""
    resolver = Resolver(load_rules(), load_nicknames(), hash_column(load_key()))
    with segmentry.warehouse.connect() as connection:
        counts = update_identity(connection, segmentry.contracts, resolver)
    for name in PEOPLE:
        yield dg.MaterializeResult(name.split("."), metadata=counts)
        yield judge(context, segmentry, name, may_be_empty=name in MAY_BE_EMPTY)
