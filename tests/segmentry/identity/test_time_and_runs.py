"""The same evidence gives the same people, in whatever order and however many runs it comes."""

import os
import subprocess
import sys
from dataclasses import replace

import networkx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_contracts.compiler.identity_rules import OVERRIDES, load_overrides, load_rules
from data_contracts.definitions.contract import ContractError
from ml.identity.audit import bridges, over_budget
from segmentry.identity.update import budget_findings
from tests.segmentry.identity.people import RECORD, Evidence, World, date, resolved

NAMES = ["Anna", "Ben", "Clara", None]
PAIRS = st.tuples(
    st.integers(0, 9),
    st.integers(0, 5),
    st.sampled_from(["email", "phone", "loyalty_id", "anonymous_id", "device_id"]),
    st.integers(0, 3),
)


def evidence_of(rows, names=()):
    evidence = Evidence()
    for number, name in enumerate(names):
        if name:
            evidence.record(0, f"shop:r{number}", first_name=name, last_name="Weber")
    for day, record, kind, value in rows:
        spelled = f"+4930123450{value}" if kind == "phone" else f"{kind}{value}@mail.de"
        evidence.together(day, RECORD, f"shop:r{record}", kind, spelled)
    return evidence


TABLES = ("customer_identities", "identity_edges", "customer_merges", "golden_records", "idn_nodes")


@settings(max_examples=8, deadline=None)
@given(
    st.lists(PAIRS, max_size=25),
    st.lists(st.sampled_from(NAMES), min_size=6, max_size=6),
    st.randoms(),
)
def test_neither_order_nor_duplicates_nor_increments_change_anything(rows, names, random):
    once = resolved(evidence_of(rows, names))
    shuffled = [*rows, *rows[:5]]
    random.shuffle(shuffled)
    again = resolved(evidence_of(shuffled, names))
    daily = World()
    for day in (0, 1, 3, 6, 9):
        daily.resolve(evidence_of(rows, names).until(day))
    for table in TABLES:
        assert once.table(table) == again.table(table)
        assert once.table(table) == daily.table(table)


@settings(max_examples=8, deadline=None)
@given(st.lists(PAIRS.filter(lambda row: row[2] in ("email", "loyalty_id")), max_size=12))
def test_where_no_rule_is_broken_people_are_the_connected_components_of_each_day(rows):
    world = resolved(evidence_of(rows))
    for day in (3, 9):
        graph = networkx.Graph()
        for known, record, kind, value in rows:
            if known <= day:
                graph.add_edge(f"shop:r{record}", f"{kind}{value}@mail.de")
        expected = {frozenset(group) for group in networkx.connected_components(graph)}
        assert world.people(day) == expected


def test_a_login_later_changes_nothing_of_what_was_known_before():
    evidence = evidence_of([(1, 0, "email", 1), (2, 1, "anonymous_id", 1)])
    before = resolved(evidence)
    evidence.login(12, "shop:r0", "anonymous_id7@mail.de")
    evidence.together(12, RECORD, "shop:r1", "email", "email1@mail.de")
    after = resolved(evidence)
    for day in (1, 2, 11):
        assert before.people(day) == after.people(day)
        assert before.customer("shop:r0", day) == after.customer("shop:r0", day)
    assert after.customer("shop:r1", 12) == after.customer("shop:r0", 12)


def test_without_news_nothing_is_resolved_and_news_only_touch_their_own_group():
    evidence = evidence_of([(1, number, "email", number) for number in range(4)])
    world = resolved(evidence)
    assert world.resolve(evidence) == {"new": 0, "resolved": 0}
    evidence.together(5, RECORD, "shop:r1", "loyalty_id", "L1")
    assert world.resolve(evidence)["resolved"] == 3


def test_an_edge_to_a_blocked_value_stays_when_only_the_value_is_named_again():
    evidence = evidence_of([(1, 0, "email", 1), (1, 1, "email", 2)])
    evidence.together(1, RECORD, "shop:r0", "email", "noreply@shop.de")
    world = resolved(evidence)
    evidence.together(2, RECORD, "shop:r1", "email", "noreply@shop.de")
    world.resolve(evidence)
    once = resolved(evidence)
    for table in (*TABLES, "identity_audit", "review_candidates"):
        assert world.table(table) == once.table(table)


def test_the_digest_of_the_rules_is_the_same_in_every_process():
    program = "from tests.segmentry.identity.people import World; print(World().resolver.digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize("seed", range(30))
def test_bridges_are_those_that_networkx_finds_between_cores(seed):
    rng = np.random.default_rng(seed)
    ends = rng.integers(0, rng.integers(2, 14), (2, rng.integers(0, 22)))
    left, right = ends[:, ends[0] != ends[1]]
    core = networkx.k_core(networkx.Graph(zip(left.tolist(), right.tolist(), strict=True)), 2)
    assert bridges(left, right) == len(list(networkx.bridges(core)))


def exclusion(one, other, when=None, action="exclude"):
    ends = ("shop", RECORD, one, "shop", RECORD, other)
    return (action, *ends, when, "they called and said so")


def two_people():
    evidence = Evidence()
    evidence.record(1, "shop:1", email="a@mail.de", first_name="Anna")
    evidence.record(2, "shop:2", email="a@mail.de", first_name="Anna")
    evidence.record(2, "shop:2", phone="+49301234567", first_name="Anna")
    evidence.record(1, "shop:3", email="c@mail.de", first_name="Clara")
    return evidence


def test_unmerging_gives_each_their_own_from_that_day_on_and_changes_nobody_else():
    world = resolved(two_people())
    before = world.table("customer_identities")
    bystanders = [row for row in before if row[2] in ("shop:3", "c@mail.de")]
    world.override(exclusion("shop:1", "shop:2", date(20)))
    world.resolve(two_people())
    assert world.customer("shop:1", 19) == world.customer("shop:2", 19)
    assert world.customer("shop:1", 20) == world.customer("shop:1", 19)
    assert world.customer("shop:2", 20) != world.customer("shop:1", 20)
    assert world.customer("+49301234567") == world.customer("shop:2")
    after = world.table("customer_identities")
    assert [row for row in after if row[2] in ("shop:3", "c@mail.de")] == bystanders
    kept = [row for row in before if row[2] in ("shop:1", "a@mail.de")]
    assert [row for row in after if row[2] in ("shop:1", "a@mail.de")] == kept
    assert "split" in {row[2] for row in world.table("customer_merges")}


def test_an_exclusion_without_a_date_restates_history():
    world = World()
    world.override(exclusion("shop:1", "shop:2"))
    world.resolve(two_people())
    assert world.customer("shop:1", 5) != world.customer("shop:2", 5)


def test_an_inclusion_joins_from_its_date_whatever_names_say():
    world = World()
    world.override(exclusion("shop:1", "shop:3", date(9), "include"))
    world.resolve(two_people())
    assert world.customer("shop:1", 8) != world.customer("shop:3", 8)
    assert world.customer("shop:1", 9) == world.customer("shop:3", 9)
    assert world.edge("shop:1", "shop:3")[0] == "manual"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("merge,s,email,a,s,email,b,,x", "line 2: action is include or exclude"),
        ("include,s,mail,a,s,email,b,,x", "line 2: identifier_type_1"),
        ("include,s,email,a,s,email,b,yesterday,x", "line 2: date"),
        ("include,s,email,a,s,email,b,,", "line 2: give the reason"),
    ],
)
def test_an_override_that_cannot_be_honoured_names_its_line(tmp_path, line, message):
    path = tmp_path / "overrides.csv"
    path.write_text(",".join(OVERRIDES) + "\n" + line + "\n")
    with pytest.raises(ContractError, match=message):
        load_overrides(path)


def test_rules_that_make_no_sense_name_the_entry(tmp_path):
    path = tmp_path / "rules.yaml"
    text = load_rules.__globals__["FOLDER"].joinpath("rules.yaml").read_text()
    path.write_text(text.replace("size_cap:", "size_cup:"))
    with pytest.raises(ContractError, match="'size_cup'; did you mean size_cap"):
        load_rules(path)


def test_the_golden_record_keeps_what_survivorship_declares():
    evidence = Evidence()
    evidence.record(1, "crm:1", email="a@mail.de", first_name="Anna", last_name="Weber", city="Ulm")
    evidence.record(
        5, "shop:1", email="a@mail.de", first_name="Anni", last_name="Koch", city="Bonn"
    )
    evidence.record(7, "email:1", email="a@mail.de", first_name="Anna")
    world = resolved(evidence)
    row = world.connection.execute(
        "select first_name, last_name, city from identity.golden_records"
    ).fetchall()
    assert row == [("Anna", "Koch", "Bonn")]


def test_the_budget_says_what_passes_it():
    world = resolved(two_people())
    rules = world.resolver.rules
    assert budget_findings(world.connection, rules) == []
    tight = replace(rules, budget={**rules.budget, "largest_customer_identifiers": 3})
    assert (
        "largest_customer_identifiers is 4, at most 3"
        in budget_findings(world.connection, tight)[0]
    )
    assert over_budget({}, rules.budget) == []


def test_the_audit_counts_what_happened_and_tells_no_identifier():
    metrics = dict(resolved(two_people()).table("identity_audit"))
    assert metrics["customers"] == 2
    assert metrics["identifiers"] == 6
    assert metrics["emails_per_customer_max"] == 1
    assert metrics["customer_merges"] == 0  # the second was known from the day of the merge on
    assert metrics["bridges"] == 0
