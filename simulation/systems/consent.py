"""The consent log and privacy requests, by whatever identifier the form knew."""

import numpy as np
import pyarrow as pa

from simulation.columns import DAY, Mask, blank, choose, either, hex_ids, plain, times
from simulation.output import Output
from simulation.people import People, World
from simulation.systems.shop import customer_ids
from simulation.truth import Truth, person_ids

PURPOSES = ["email", "sms", "push", "ads", "profiling"]
IDENTIFIERS = ["email", "phone", "shop_customer_id"]
STATUSES = ["granted", "denied", "withdrawn"]


def draw_reach(world: World, block: int, people: People) -> Mask:
    """(people, 2): who agreed to e-mail and to text messages."""
    rng = world.rng(block, "reach")
    mail = rng.random(len(people)) < 0.8
    return np.stack([mail, mail & people.has_mobile & (rng.random(len(people)) < 0.6)], axis=1)


def export_consents(
    world: World, block: int, people: People, reach: Mask, output: Output, truth: Truth
) -> None:
    """Decisions at sign-up and changes of mind; some contradict each other at the same second."""
    rng = world.rng(block, "consents")
    size = len(people)
    person = np.arange(size).repeat(3)
    purpose = np.stack(
        [np.zeros(size, int), np.ones(size, int), rng.integers(2, 5, size)], 1
    ).ravel()
    said = np.stack([reach[:, 0], reach[:, 1], rng.random(size) < 0.7], 1).ravel()
    asked = rng.random(3 * size) < np.where(purpose == 1, 0.6, 0.9)
    person, purpose, said = person[asked], purpose[asked], said[asked]
    second = (people.joined[person] + world.start) * DAY + 9 * 3600 + person % 30_000
    status = np.where(said, 0, 1)
    changes = np.flatnonzero(rng.random(len(person)) < 0.05)
    later = second[changes] + rng.integers(0, 300, len(changes)) * DAY
    contradicts = np.flatnonzero(rng.random(len(person)) < 0.005)
    row = np.concatenate([np.arange(len(person)), changes, contradicts])
    when = np.concatenate([second, later, second[contradicts]])
    what = np.concatenate([status, np.where(said[changes], 2, 0), 1 - status[contradicts]])
    inside = when < (world.start + world.days) * DAY
    row, when, what = row[inside], when[inside], what[inside]
    who, at = person[row], pa.array(person[row])
    by_id = people.has_account[who] & (row % 3 == 0)
    by_phone = (purpose[row] == 1) & people.has_mobile[who] & ~by_id
    identifier = either(by_phone, people.phone.take(at), plain(people.email.take(at)))
    types = np.where(by_id, 2, by_phone.astype(int))
    identifier = either(by_id, customer_ids(people, who), identifier)
    owner = person_ids(people, who)
    for number, name in enumerate(IDENTIFIERS):
        truth.add("consent", name, identifier, owner, types == number)
    output.write(
        "consent_receipts",
        {
            "id": hex_ids(block * 10_000_000 + np.arange(len(row)), 95),
            "identifier_type": choose(IDENTIFIERS, types),
            "identifier": identifier,
            "purpose": choose(PURPOSES, purpose[row]),
            "status": choose(STATUSES, what),
            "interaction_date": times(when),
            "collection_point": choose(["checkout", "sign_up", "preference_centre"],
                                       rng.integers(0, 3, len(row))),
        },
    )  # fmt: skip
    asks = np.flatnonzero(rng.random(size) < 0.002)
    asks = asks[people.joined[asks] < world.days - 40]
    day = np.maximum(people.joined[asks], 0) + 30
    output.write(
        "consent_requests",
        {
            "id": hex_ids(block * 10_000_000 + asks, 96),
            "request_type": "erasure",
            "email": people.email.take(pa.array(asks)),
            "phone": blank(~people.has_mobile[asks], people.phone.take(pa.array(asks))),
            "shop_customer_id": blank(~people.has_account[asks], customer_ids(people, asks)),
            "received_at": times((day + world.start) * DAY + 15 * 3600),
        },
    )
