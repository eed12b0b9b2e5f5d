"""The asset `identity` in a home of its own: the over-merge budget stops what comes after it."""

import dagster as dg
import pytest

from orchestration.defs.identity import identity
from orchestration.resources import SegmentryHome
from segmentry.home import Home
from segmentry.identity.evidence import EVIDENCE
from segmentry.warehouse.door import Warehouse
from tests.segmentry.identity.people import RECORD, Evidence, World


def built(folder, evidence):
    """Materialise the asset over this evidence; the result and the check of the budget."""
    world = World()
    world.lay_out(evidence)
    home = Home(folder)
    home.create()
    warehouse = Warehouse(home)
    warehouse.create(world.contracts)
    with warehouse.connect() as connection:
        for name in EVIDENCE:
            rows = world.connection.execute(f"from identity.{name}").df()
            connection.register("rows_of_evidence", rows)
            connection.execute(f"create table identity.{name} as from rows_of_evidence")
            connection.unregister("rows_of_evidence")
    result = dg.materialize(
        [identity], resources={"segmentry": SegmentryHome(root=str(folder))}, raise_on_error=False
    )
    checks = result.get_asset_check_evaluations()
    return result, next(check for check in checks if check.check_name == "over_merge_budget")


def one_account(mails):
    """An account that takes a new address every 200 days: no limit of a window is ever hit."""
    evidence = Evidence()
    for number in range(mails):
        evidence.together(1 + 200 * number, RECORD, "shop:1", "email", f"m{number}@mail.de")
    return evidence


@pytest.mark.parametrize(("mails", "passes"), [(8, True), (9, False)])
def test_a_customer_with_more_addresses_than_the_budget_allows_fails_a_blocking_check(
    tmp_path, mails, passes
):
    result, check = built(tmp_path, one_account(mails))
    assert check.passed is passes
    assert check.blocking
    failed = check.metadata["failed"].value
    assert passes or "emails_per_customer_p999 is 9, at most 8" in failed
    assert result.success is passes
