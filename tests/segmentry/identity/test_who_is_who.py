"""Who is joined and who is not, on worlds that fit on a page."""

from dataclasses import replace

import pytest

from data_contracts.compiler.identity_rules import load_rules
from tests.segmentry.identity.people import RECORD, Evidence, World, resolved

ANNA = {"first_name": "Anna", "last_name": "Weber"}
BEN = {"first_name": "Ben", "last_name": "Weber"}


def test_the_same_mail_in_two_spellings_joins_two_records():
    evidence = Evidence()
    evidence.record(1, "crm:1", email="Anna.Weber@mail.de ", **ANNA)
    evidence.record(5, "shop:1", email="anna.weber@MAIL.de", **ANNA)
    world = resolved(evidence)
    assert world.people() == {frozenset({"crm:1", "shop:1", "anna.weber@mail.de"})}
    assert world.people(4) == {frozenset({"crm:1", "anna.weber@mail.de"})}
    assert world.customer("shop:1") == world.customer("crm:1", 1)


def test_a_merge_keeps_the_older_id_from_that_day_on_and_is_recorded():
    evidence = Evidence()
    evidence.record(1, "crm:1", email="a@mail.de", **ANNA)
    evidence.record(3, "shop:1", email="b@mail.de", **ANNA)
    evidence.record(9, "shop:1", email="a@mail.de", **ANNA)
    world = resolved(evidence)
    old, young = world.customer("crm:1", 5), world.customer("shop:1", 8)
    assert old != young
    assert world.customer("shop:1", 9) == old
    merges = [row for row in world.table("customer_merges") if row[0] == young]
    assert [(row[1], row[2]) for row in merges] == [(old, "merge")]


def test_a_shared_device_does_not_merge_two_people():
    evidence = Evidence()
    evidence.login(1, "shop:anna", "tablet")
    evidence.login(2, "shop:ben", "tablet")
    evidence.login(3, "shop:anna", "tablet")
    world = resolved(evidence)
    assert world.customer("tablet") == world.customer("shop:anna") != world.customer("shop:ben")
    assert world.edge("shop:ben", "tablet") == ("rejected", "limit of one at a time")


def test_two_browsers_on_one_device_stay_with_their_own_accounts():
    evidence = Evidence()
    evidence.together(1, "anonymous_id", "firefox", "device_id", "laptop", "web_events")
    evidence.together(2, "anonymous_id", "chrome", "device_id", "laptop", "web_events")
    evidence.login(3, "shop:anna", "firefox")
    evidence.login(4, "shop:ben", "chrome")
    world = resolved(evidence)
    assert world.customer("chrome") == world.customer("shop:ben") != world.customer("firefox")


def test_a_household_phone_joins_nobody_whose_names_differ():
    evidence = Evidence()
    evidence.record(1, "shop:1", phone="030 1234567", country="DE", **ANNA)
    evidence.record(2, "shop:2", phone="+49 30 1234567", country="DE", **BEN)
    world = resolved(evidence)
    assert world.customer("shop:1") != world.customer("shop:2")
    assert world.edge("shop:2", "+49301234567") == ("review", "names contradict")
    assert len(world.table("review_candidates")) == 1


def test_a_phone_joins_records_whose_names_agree_and_asks_where_one_has_none():
    evidence = Evidence()
    evidence.record(1, "shop:1", phone="+49301234567", first_name="Thomas", last_name="Weber")
    evidence.record(2, "crm:1", phone="+49301234567", first_name="Tom", last_name="Weber")
    evidence.record(3, "sms:1", phone="+49301234567")
    world = resolved(evidence)
    assert world.customer("shop:1") == world.customer("crm:1") != world.customer("sms:1")
    assert world.edge("sms:1", "+49301234567") == ("review", "names do not agree")


def test_a_family_mailbox_stays_with_the_first():
    evidence = Evidence()
    evidence.record(1, "shop:1", email="weber@mail.de", **ANNA)
    evidence.record(2, "shop:2", email="weber@mail.de", **BEN)
    world = resolved(evidence)
    assert world.customer("weber@mail.de") == world.customer("shop:1") != world.customer("shop:2")


def test_a_misspelt_name_is_no_contradiction_but_another_name_is():
    table = load_nicknames_table()
    assert table.compare_first("johanna", "johnana") == 1
    assert table.compare_first("bob", "robert") == 1
    assert table.compare_first("maria", "marie") == -1
    assert table.compare_first("", "marie") == 0


def load_nicknames_table():
    return World().resolver.names


@pytest.mark.parametrize("mailbox", ["info@firm.de", "office@firm.de", "Sales@Firm.de"])
def test_the_mailbox_of_a_desk_joins_nobody(mailbox):
    evidence = Evidence()
    evidence.record(1, "crm:1", email=mailbox)
    evidence.record(2, "crm:2", email=mailbox)
    assert len(resolved(evidence).people()) == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email", "noreply@shop.de"),
        ("email", "no mail"),
        ("email", "NULL"),
        ("phone", "000-0000"),
        ("phone", "-1"),
        ("anonymous_id", "Anonymous"),
        ("loyalty_id", "0000"),
        ("email", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ],
)
def test_a_value_that_names_nobody_joins_nobody_and_is_nobodys(kind, value):
    evidence = Evidence()
    evidence.together(1, RECORD, "shop:1", kind, value)
    evidence.together(2, RECORD, "shop:2", kind, value)
    world = resolved(evidence)
    assert world.people() == {frozenset({"shop:1"}), frozenset({"shop:2"})}
    assert not any(value.lower() in {v.lower() for v in group} for group in world.people(30))
    metrics = dict(world.table("identity_audit"))
    assert metrics["blocked_hits"] == 2
    assert metrics["blocked_identifiers"] == 1


def limited(name, at_most, within_days=None):
    rules = load_rules()
    types = dict(rules.types)
    types[name] = replace(types[name], at_most=at_most, within_days=within_days)
    return replace(rules, types=types)


def many_mails(gap):
    evidence = Evidence()
    for number in range(4):
        evidence.together(1 + number * gap, RECORD, "shop:1", "email", f"m{number}@mail.de")
    return evidence


def test_a_limit_holds_and_the_first_to_come_stay():
    world = resolved(many_mails(gap=1), limited("email", 2))
    assert world.customer("m1@mail.de") == world.customer("shop:1") != world.customer("m2@mail.de")
    assert world.edge("shop:1", "m2@mail.de") == ("rejected", "limit email")


def test_a_limit_over_a_window_forgets_what_is_older():
    assert len(resolved(many_mails(gap=50), limited("email", 2, 60)).people()) == 1
    assert len(resolved(many_mails(gap=20), limited("email", 2, 60)).people()) > 1


def test_on_one_day_the_stronger_identifier_goes_first():
    """Two cards are too many; the record's card came with the account, not with the mail."""
    evidence = Evidence()
    evidence.together(1, RECORD, "shop:1", "loyalty_id", "L1")
    evidence.together(1, RECORD, "shop:2", "loyalty_id", "L2")
    evidence.together(5, RECORD, "shop:1", "email", "a@mail.de")
    evidence.together(5, RECORD, "shop:2", "email", "a@mail.de")
    world = resolved(evidence, limited("loyalty_id", 1))
    assert world.customer("L1") == world.customer("shop:1") != world.customer("shop:2")
    assert world.customer("L2") == world.customer("shop:2")


def test_a_group_beyond_the_size_cap_is_not_made():
    rules = replace(load_rules(), size_cap=5)
    evidence = Evidence()
    for number in range(8):
        evidence.together(1 + number, RECORD, f"shop:r{number}", "email", "hub@mail.de")
    world = resolved(evidence, rules)
    assert max(len(group) for group in world.people()) == 5
    assert world.edge("shop:r7", "hub@mail.de") == ("rejected", "size")
    assert dict(world.table("identity_audit"))["size_hits"] == 4


def test_the_account_that_a_record_names_is_its_person():
    evidence = Evidence()
    evidence.record(3, "email:1", login="shop:1", email="new@mail.de")
    evidence.record(1, "shop:1", email="old@mail.de")
    assert len(resolved(evidence).people()) == 1


def strangers(evidence, day, numbers):
    """People who are like nobody else."""
    names = ["Eva", "Paul", "Nina", "Otto", "Ida", "Max"]
    for number in numbers:
        evidence.record(
            day,
            f"shop:o{number}",
            first_name=names[number % 6],
            last_name=f"Muster{chr(97 + number % 26)}{chr(97 + number // 26)}{number % 7}xyz",
            birth_date=f"19{50 + number % 40}-0{1 + number % 9}-1{number % 9}",
            street=f"Weg{number * 7919 % 1000} {number}",
            postal_code=f"{20000 + number * 37}",
            city=f"Ort{number}",
        )


def test_records_that_came_while_there_were_too_few_are_compared_once_there_are_enough():
    evidence = Evidence()
    said = {"first_name": "Katharina", "last_name": "Albrecht", "birth_date": "1980-02-03"}
    home = {"street": "Lindenweg 12", "postal_code": "10115", "city": "Berlin"}
    evidence.record(1, "crm:1", **said, **home)
    evidence.record(2, "shop:1", **said, **home)
    strangers(evidence, 2, range(20))
    strangers(evidence, 5, range(20, 60))
    world = World()
    world.resolve(evidence.until(2))
    assert world.customer("crm:1") != world.customer("shop:1")
    world.resolve(evidence)
    assert world.customer("crm:1") == world.customer("shop:1")
    assert world.table("identity_edges") == resolved(evidence).table("identity_edges")


def test_likeness_finds_a_planted_duplicate_and_not_a_lookalike():
    evidence = Evidence()
    home = {"street": "Lindenweg 12", "postal_code": "10115", "city": "Berlin"}
    evidence.record(
        1, "crm:1", first_name="Katharina", last_name="Albrecht", birth_date="1980-02-03", **home
    )
    evidence.record(
        4, "shop:1", first_name="Kathi", last_name="Albrecht", birth_date="1980-02-03", **home
    )
    evidence.record(
        2, "shop:2", first_name="Matthias", last_name="Albrecht", birth_date="1979-07-21", **home
    )
    strangers(evidence, 1, range(60))
    world = resolved(evidence)
    assert world.customer("crm:1") == world.customer("shop:1") != world.customer("shop:2")
    assert world.customer("shop:1", 3 + 1) == world.customer("crm:1", 1)
    assert len(world.people()) == 62
