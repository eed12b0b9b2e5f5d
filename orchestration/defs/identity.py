"""identity: who is who, between the evidence and everything that counts people."""

from collections.abc import Iterator

import dagster as dg

from orchestration.checks import judge
from orchestration.resources import SegmentryHome
from orchestration.specs import contract_check, table_spec
from segmentry.identity.resolver import project_resolver
from segmentry.identity.update import budget_findings, update_identity

EVIDENCE = ["identity.idn_sightings", "identity.idn_pairs", "identity.idn_records"]
PEOPLE = (
    "identity.customer_identities",
    "identity.customer_merges",
    "identity.golden_records",
    "identity.identity_audit",
    "identity.identity_edges",
    "identity.idn_descriptions",
    "identity.idn_identifiers",
    "identity.idn_matches",
    "identity.idn_nodes",
    "identity.idn_seen",
    "identity.review_candidates",
)
NEVER_EMPTY = {"identity.customer_identities", "identity.idn_identifiers", "identity.idn_nodes"}
BUDGET = dg.AssetCheckSpec(
    "over_merge_budget",
    asset=["identity", "identity_audit"],
    blocking=True,
    description="No customer is larger than data_contracts/identity/rules.yaml allows.",
)


@dg.multi_asset(
    name="identity",
    specs=[table_spec(name, EVIDENCE) for name in PEOPLE],
    check_specs=[*(contract_check(name) for name in PEOPLE), BUDGET],
    pool="warehouse",
)
def identity(context: dg.AssetExecutionContext, segmentry: SegmentryHome) -> Iterator:
    """Resolve what is new in the evidence; groups that nothing touches stay as they are."""
    resolver = project_resolver()
    with segmentry.warehouse.connect() as connection:
        counts = update_identity(connection, segmentry.contracts, resolver)
        findings = budget_findings(connection, resolver.rules)
    for name in PEOPLE:
        yield dg.MaterializeResult(name.split("."), metadata=counts)
        yield judge(context, segmentry, name, may_be_empty=name not in NEVER_EMPTY)
    yield dg.AssetCheckResult(
        passed=not findings,
        check_name="over_merge_budget",
        asset_key=["identity", "identity_audit"],
        metadata={"failed": "; ".join(findings)},
    )
