"""What each system holds about a person: shop account, CRM contacts, mail profile, membership."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.columns import (
    DAY,
    Ints,
    Mask,
    Texts,
    blank,
    choose,
    dates,
    digits,
    either,
    hex_ids,
    iso_times,
    join,
    misspelt,
    plain,
    times,
)
from simulation.dirt import in_some_format, nickname_of, with_placeholders, written_down
from simulation.names import COUNTRIES, COUNTRY_NAMES, CURRENCIES, TIME_ZONES
from simulation.output import Output, versions
from simulation.people import NEVER, People, World
from simulation.systems.shop import customer_ids
from simulation.truth import Truth, person_ids

CONTACT = 51_000
COMPANY = 9_100_000


def second_profiles(world: World, people: People, reach: Mask) -> Mask:
    """Whose changed address makes a profile of its own, known to be theirs by account or phone."""
    known = people.has_account | (people.has_mobile & reach[:, 1])
    return reach.any(axis=1) & (people.email_day < world.days) & known


def profiles_on(people: People, again: Mask, person: Ints, day: Ints) -> tuple[Texts, Texts]:
    """Klaviyo's id of the profile that stands for each person on that day, and its address.

    again: who has a second profile since their address changed.
    """
    second = again[person] & (day >= people.email_day[person])
    at = pa.array(person)
    email = either(second, people.new_email.take(at), people.email.take(at))
    return hex_ids(2 * people.number[person] + second, 11, "01G"), email


def _changed(
    world: World, people: People, person: Ints, rng: np.random.Generator
) -> tuple[Mask, Ints]:
    """Whose row is exported again with something new, and on which day."""
    moved = people.email_day[person] < world.days
    touched = rng.random(len(person)) < 0.12
    some_day = rng.integers(25, max(26, world.days), len(person))
    day = np.where(moved, people.email_day[person], some_day)
    return (moved | touched) & (day < world.days) & (day > people.joined[person] + 1), day


def export_shop_customers(
    world: World, block: int, people: People, output: Output, truth: Truth
) -> None:
    """Shopify's customers; whose address changed stands again in a later export."""
    rng, clerk = world.rng(block, "shop_customers"), world.rng(block, "shop addresses")
    person = np.flatnonzero(people.has_account)
    changed, day = _changed(world, people, person, rng)
    phone = in_some_format(people.phone, rng)
    tells = people.has_mobile & (rng.random(len(people)) < 0.6)
    created = (people.joined[person] + world.start) * DAY + 9 * 3600 + person % 30_000
    change = (day + world.start) * DAY + 12 * 3600
    row, later = versions(created, change, changed, world.start * DAY)
    who, at = person[row], pa.array(person[row])
    created, updated = created[row], np.where(later, change[row], created[row])
    email = either(
        later & (people.email_day[who] < NEVER), people.new_email.take(at), people.email.take(at)
    )
    number, real = with_placeholders(blank(~tells[who], phone.take(at)), 0.003, rng)
    ids = customer_ids(people, who)
    truth.add("shop", "customer_id", ids, person_ids(people, who))
    truth.add("shop", "email", email, person_ids(people, who))
    truth.add("shop", "phone", number, person_ids(people, who), real)
    first = plain(people.first_name).take(at)
    output.export_by_month(
        "shop_customers",
        {
            "id": ids,
            "email": email,
            "phone": number,
            "first_name": either(rng.random(len(who)) < 0.04, nickname_of(first), first),
            "last_name": plain(people.last_name).take(at),
            "state": choose(["enabled", "invited"], (who % 17 == 0).astype(int)),
            "tags": choose([None, "newsletter", "vip"], rng.integers(0, 3, len(who))),
            "currency": choose([CURRENCIES[one] for one in COUNTRIES], people.country[who]),
            "address1": written_down(people.street.take(at), 0.03, 0.005, clerk),
            "city": plain(people.city).take(at),
            "province": plain(people.region).take(at),
            "zip": blank(rng.random(len(who)) < 0.03, people.postcode.take(at)),
            "country_code": choose(COUNTRIES, people.country[who]),
            "accepts_marketing": pa.array(who % 5 != 0),
            "created_at": iso_times(created),
            "updated_at": iso_times(updated),
        },
        updated,
        world.start * DAY,
    )


@dataclass(frozen=True)
class ContactRows:
    """One row per contact and export. second: another contact of somebody who has one already;
    later: a newer version. Seconds count from 1970."""

    person: Ints
    second: Mask
    later: Mask
    created: Ints
    updated: Ints


def _contact_rows(world: World, people: People, rng: np.random.Generator) -> ContactRows:
    """Two in three people are in the CRM, one in twelve of them twice, some in two versions."""
    known = np.flatnonzero(rng.random(len(people)) < np.where(people.business, 0.95, 0.66))
    twice = known[rng.random(len(known)) < 0.085]
    changed, day = _changed(world, people, known, rng)
    created = (people.joined[known] + world.start) * DAY + 10 * 3600 + known % 20_000
    change = (day + world.start) * DAY + 13 * 3600
    row, later = versions(created, change, changed, world.start * DAY)
    again = (people.joined[twice] + rng.integers(3, 60, len(twice)) + world.start) * DAY
    again = np.minimum(again, (world.start + world.days) * DAY - 1)
    updated = np.where(later, change[row], created[row])
    person = np.concatenate([known[row], twice])
    return ContactRows(
        person=person,
        second=np.arange(len(person)) >= len(row),
        later=np.concatenate([later, np.zeros(len(twice), bool)]),
        created=np.concatenate([created[row], again]),
        updated=np.concatenate([updated, again]),
    )


def export_contacts(world: World, block: int, people: People, output: Output, truth: Truth) -> None:
    """HubSpot's contacts: changed ones again, and some people twice under another id.

    The second contact has a nickname, a slip in the name or the e-mail, or another e-mail; one in
    five of them shares no identifier at all, only name, address and date of birth.
    """
    rng, clerk = world.rng(block, "contacts"), world.rng(block, "contact addresses")
    rows = _contact_rows(world, people, rng)
    who, second, later, at = rows.person, rows.second, rows.later, pa.array(rows.person)
    style = np.where(second, rng.choice(5, len(who), p=[0.25, 0.2, 0.2, 0.15, 0.2]), -1)
    moved = later & (people.email_day[who] < NEVER)
    email = either(moved, people.new_email.take(at), people.email.take(at))
    email = either(style == 1, misspelt(email, rng), email)
    email = either(style == 2, people.other_email.take(at), email)
    email = blank(style == 4, email)
    role = people.business[who] & (people.company[who] % 3 == 0) & (who % 5 < 3) & ~second
    email = either(role, join("info@", _domain(people, who, block)), email)
    email, real = with_placeholders(email, 0.004, rng)
    number = in_some_format(people.phone, rng)
    house = in_some_format(people.landline, rng)
    landline = rng.random(len(who)) < 0.2
    tells = (rng.random(len(who)) < 0.75) & (people.has_mobile[who] | landline) & (style != 4)
    phone = blank(~tells, either(landline, house.take(at), number.take(at)))
    phone, real_phone = with_placeholders(phone, 0.004, rng)
    first, last = plain(people.first_name).take(at), plain(people.last_name).take(at)
    first = either((style == 0) | (rng.random(len(who)) < 0.03), nickname_of(first), first)
    last = either((style == 3) | (rng.random(len(who)) < 0.01), misspelt(last, rng), last)
    birthless = (rng.random(len(who)) < 0.25) & (style != 4) & (style != 1) & (style != 2)
    ids = digits(CONTACT + 4 * people.number[who] + second)
    owner = person_ids(people, who)
    truth.add("crm", "contact_id", ids, owner)
    truth.add("crm", "email", email, owner, real)
    truth.add("crm", "phone", phone, owner, real_phone)
    output.export_by_month(
        "crm_contacts",
        {
            "id": ids,
            "email": email,
            "phone": phone,
            "firstname": first,
            "lastname": last,
            "address": written_down(people.street.take(at), 0.06, 0.02, clerk),
            "city": plain(people.city).take(at),
            "state": plain(people.region).take(at),
            "zip": people.postcode.take(at),
            "country": choose([COUNTRY_NAMES[one] for one in COUNTRIES], people.country[who]),
            "date_of_birth": dates(people.birth[who], birthless),
            "jobtitle": choose(["Buyer", "Office manager", "Owner"],
                               np.where(people.business[who], who % 3, -1)),
            "lifecyclestage": choose(["lead", "customer", "evangelist"],
                                     np.where(later, 2, who % 2)),
            "associatedcompanyid": blank(people.company[who] < 0, company_ids(people, who, block)),
            "hs_timezone": choose([TIME_ZONES[one] for one in COUNTRIES], people.country[who]),
            "createdate": times(rows.created),
            "lastmodifieddate": times(rows.updated),
        },
        rows.updated,
        world.start * DAY,
    )  # fmt: skip


def company_ids(people: People, person: Ints, block: int) -> Texts:
    """HubSpot's ids of the companies that people buy for."""
    return digits(COMPANY + block * 10_000 + people.company[person])


def _domain(people: People, person: Ints, block: int) -> Texts:
    return join("firm", digits(block * 10_000 + people.company[person]), ".example")


def export_companies(world: World, block: int, people: People, output: Output) -> None:
    """HubSpot's companies."""
    rng = world.rng(block, "companies")
    company, member = np.unique(people.company[people.business], return_index=True)
    person = np.flatnonzero(people.business)[member]
    rows = len(company)
    created = (np.minimum(people.joined[person], 0) - 30 + world.start) * DAY
    names = plain(people.last_name).take(pa.array(person))
    output.write(
        "crm_companies",
        {
            "id": company_ids(people, person, block),
            "name": join(names, " ", choose(["Ltd", "GmbH", "SARL"], people.country[person])),
            "domain": _domain(people, person, block),
            "industry": choose(["RETAIL", "HEALTHCARE", "EDUCATION", "HOSPITALITY", None],
                               rng.integers(0, 5, rows)),
            "numberofemployees": pa.array(rng.geometric(0.03, rows)),
            "annualrevenue": pa.array(np.round(rng.lognormal(13, 1.2, rows), -3)),
            "hubspot_owner_id": digits(7000 + rng.integers(0, 12, rows)),
            "createdate": times(created),
            "hs_lastmodifieddate": times(created),
        },
    )  # fmt: skip


def export_profiles(
    world: World, block: int, people: People, reach: Mask, output: Output, truth: Truth
) -> None:
    """Klaviyo's profiles: one per address, so a changed address makes a second one."""
    rng = world.rng(block, "profiles")
    again = second_profiles(world, people, reach)
    has = np.flatnonzero(reach.any(axis=1))
    who = np.concatenate([has, np.flatnonzero(again)])
    second = np.arange(len(who)) >= len(has)
    at = pa.array(who)
    begins = np.where(second, people.email_day[who], people.joined[who])
    created = (begins + world.start) * DAY + 9 * 3600 + who % 30_000
    ids, email = profiles_on(people, again, who, begins)
    phone = blank(~(people.has_mobile[who] & reach[who, 1]), people.phone.take(at))
    account = people.has_account[who] & (second | (rng.random(len(who)) < 0.6))
    owner = person_ids(people, who)
    for kind, values in (("profile_id", ids), ("email", email), ("phone_number", phone)):
        truth.add("email", kind, values, owner)
    tells = rng.random(len(who)) < 0.7
    output.export_by_month(
        "email_profiles",
        {
            "id": ids,
            "email": email,
            "phone_number": phone,
            "external_id": blank(~account, customer_ids(people, who)),
            "first_name": blank(~tells, plain(people.first_name).take(at)),
            "last_name": blank(~tells, plain(people.last_name).take(at)),
            "city": blank(~tells, plain(people.city).take(at)),
            "region": blank(~tells, plain(people.region).take(at)),
            "zip": blank(~tells, people.postcode.take(at)),
            "country": choose([COUNTRY_NAMES[one] for one in COUNTRIES], people.country[who]),
            "timezone": choose([TIME_ZONES[one] for one in COUNTRIES], people.country[who]),
            "created": times(created),
            "updated": times(created),
        },
        created,
        world.start * DAY,
    )
