"""The loyalty programme: members and their level, points gained and spent."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.baskets import Baskets
from simulation.columns import (
    DAY,
    Floats,
    Ints,
    Mask,
    Texts,
    blank,
    choose,
    digits,
    hex_ids,
    join,
    plain,
    times,
)
from simulation.output import Output, versions
from simulation.people import People, World
from simulation.systems.shop import customer_ids
from simulation.truth import Truth, person_ids

TIERS = ["bronze", "silver", "gold"]
LEVELS = [400, 1200]
ACTIVITIES = ["join", "earn", "redeem", "tier_change"]


@dataclass(frozen=True)
class Earnings:
    """One row per order of a member: when, points, level after it, points to spend or rise by."""

    person: Ints
    second: Ints
    points: Floats
    level: Ints
    rises: Ints
    redeems: Ints


def export_loyalty(
    world: World, block: int, people: People, baskets: Baskets, output: Output, truth: Truth
) -> None:
    """Members with their level, who gain points by orders and spend some of them."""
    rng = world.rng(block, "loyalty")
    spent = np.bincount(baskets.person, baskets.amount, len(people))
    joins = (rng.random(len(people)) < 0.42) & (spent > 0)
    who = np.flatnonzero(joins)
    joined = (np.maximum(people.joined[who], 0) + world.start) * DAY + 11 * 3600 + who % 20_000
    earnings = _earn(joins, baskets, rng)
    _export_members(world, people, who, joined, earnings, output, truth)
    _export_activities(block, people, who, joined, earnings, output)


def _earn(joins: Mask, baskets: Baskets, rng: np.random.Generator) -> Earnings:
    """A point for each unit of currency; positions of orders that raise the level, or spend."""
    row = np.flatnonzero(joins[baskets.person])
    person = baskets.person[row]
    points = np.floor(baskets.amount[row])
    run = np.cumsum(points)
    first = np.searchsorted(person, person, "left")
    total = run - np.where(first > 0, run[first - 1], 0)
    level = np.searchsorted(LEVELS, total, "right")
    before = np.where(np.roll(person, 1) == person, np.roll(level, 1), 0)
    redeems = np.flatnonzero((rng.random(len(row)) < 0.12) & (total > 100))
    rises = np.flatnonzero(level > before)
    return Earnings(person, baskets.second[row] + 60, points, level, rises, redeems)


def _numbers(people: People, person: Ints) -> Texts:
    return join("LM", digits((people.number[person] * 7_919 + 104_729) % 100_000_000, 8))


def _export_members(
    world: World,
    people: People,
    who: Ints,
    joined: Ints,
    earnings: Earnings,
    output: Output,
    truth: Truth,
) -> None:
    """Every member as they joined, and again as they are since they last rose."""
    rises = earnings.rises
    tier, risen = np.zeros(len(people), np.int64), np.zeros(len(people), np.int64)
    np.maximum.at(tier, earnings.person, earnings.level)
    np.maximum.at(risen, earnings.person[rises], earnings.second[rises] + 1)
    version, later = versions(joined, risen[who], risen[who] > 0, world.start * DAY)
    holder, at = who[version], pa.array(who[version])
    updated = np.where(later, risen[holder], joined[version])
    linked = people.has_account[holder] & (holder % 10 < 7)
    silent = (holder % 9 == 0) & (linked | people.has_mobile[holder])
    known = {
        "id": digits(300_000 + people.number[holder]),
        "loyalty_number": _numbers(people, holder),
        "email": blank(silent, plain(people.email.take(at))),
        "phone": blank(~people.has_mobile[holder], people.phone.take(at)),
    }
    for name, values in known.items():
        kind = "member_id" if name == "id" else name
        truth.add("loyalty", kind, values, person_ids(people, holder))
    output.export_by_month(
        "loyalty_members",
        known
        | {
            "first_name": plain(people.first_name).take(at),
            "last_name": plain(people.last_name).take(at),
            "shop_customer_id": blank(~linked, customer_ids(people, holder)),
            "tier": choose(TIERS, np.where(later, tier[holder], 0)),
            "created_at": times(joined[version]),
            "updated_at": times(updated),
        },
        updated,
        world.start * DAY,
    )


def _export_activities(
    block: int, people: People, who: Ints, joined: Ints, earnings: Earnings, output: Output
) -> None:
    person, second, level = earnings.person, earnings.second, earnings.level
    spends, rises = earnings.redeems, earnings.rises
    earned = np.maximum(second, joined[np.searchsorted(who, person)])
    groups = (
        (who, joined, np.zeros(len(who)), np.zeros(len(who), np.int64)),
        (person, earned, earnings.points, level),
        (person[spends], second[spends] + 2, np.full(len(spends), -100.0), level[spends]),
        (person[rises], second[rises] + 1, np.zeros(len(rises)), level[rises]),
    )
    everyone, when, points, tier = (np.concatenate(one) for one in zip(*groups, strict=True))
    kind = np.repeat(np.arange(4), [len(group[0]) for group in groups])
    output.write(
        "loyalty_activities",
        {
            "id": hex_ids(block * 100_000_000 + np.arange(len(everyone)), 81),
            "loyalty_number": _numbers(people, everyone),
            "activity_type": choose(ACTIVITIES, kind),
            "points": pa.array(points),
            "tier": choose(TIERS, tier),
            "created_at": times(when),
        },
    )
