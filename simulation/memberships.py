"""The loyalty programme and Stripe: points and levels, subscriptions and their invoices."""

import numpy as np
import pyarrow as pa

from simulation.behaviour import Life
from simulation.columns import (
    DAY,
    Ints,
    Texts,
    blank,
    choose,
    dates,
    digits,
    hex_ids,
    join,
    money,
    plain,
    times,
)
from simulation.output import Output, versions
from simulation.people import NEVER, People, World
from simulation.shop import Baskets, customer_ids, email_on
from simulation.truth import Truth, person_ids

TIERS = ["bronze", "silver", "gold"]
PLANS = ["basic", "plus", "premium"]
BILLED = [
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.updated",
    "customer.subscription.deleted",
]
FEES = np.array([9.90, 19.90, 39.90])


def _numbers(people: People, person: Ints) -> Texts:
    return join("LM", digits((people.number[person] * 7_919 + 104_729) % 100_000_000, 8))


def export_loyalty(
    world: World, block: int, people: People, baskets: Baskets, output: Output, truth: Truth
) -> None:
    """Members with their level, who gain points by orders and spend some of them."""
    rng = world.rng(block, "loyalty")
    spent = np.bincount(baskets.person, baskets.amount, len(people))
    joins = (rng.random(len(people)) < 0.42) & (spent > 0)
    who = np.flatnonzero(joins)
    second = (np.maximum(people.joined[who], 0) + world.start) * DAY + 11 * 3600 + who % 20_000
    row = np.flatnonzero(joins[baskets.person])
    person, when = baskets.person[row], baskets.second[row] + 60
    points = np.floor(baskets.amount[row])
    run = np.cumsum(points)
    first = np.searchsorted(person, person, "left")
    total = run - np.where(first > 0, run[first - 1], 0)
    level = np.searchsorted([400, 1200], total, "right")
    before = np.where(np.roll(person, 1) == person, np.roll(level, 1), 0)
    rises = np.flatnonzero(level > before)
    redeems = np.flatnonzero((rng.random(len(row)) < 0.12) & (total > 100))
    tier = np.zeros(len(people), np.int64)
    np.maximum.at(tier, person, level)
    top = np.zeros(len(people), np.int64)
    np.maximum.at(top, person[rises], when[rises] + 1)
    version, later = versions(second, top[who], top[who] > 0, world.start * DAY)
    holder, where = who[version], pa.array(who[version])
    updated = np.where(later, top[holder], second[version])
    phone = blank(~people.has_mobile[holder], people.phone.take(where))
    owner = person_ids(people, holder)
    linked = people.has_account[holder] & (holder % 10 < 7)
    email = blank(
        (holder % 9 == 0) & (linked | people.has_mobile[holder]), plain(people.email.take(where))
    )
    for kind, values in (("member_id", digits(300_000 + people.number[holder])),
                         ("loyalty_number", _numbers(people, holder)),
                         ("email", email), ("phone", phone)):  # fmt: skip
        truth.add("loyalty", kind, values, owner)
    output.export_by_month(
        "loyalty_members",
        {
            "id": digits(300_000 + people.number[holder]),
            "loyalty_number": _numbers(people, holder),
            "email": email,
            "phone": phone,
            "first_name": plain(people.first_name).take(where),
            "last_name": plain(people.last_name).take(where),
            "shop_customer_id": blank(~linked, customer_ids(people, holder)),
            "tier": choose(TIERS, np.where(later, tier[holder], 0)),
            "created_at": times(second[version]),
            "updated_at": times(updated),
        },
        updated,
        world.start * DAY,
    )
    groups = (
        (who, second, np.zeros(len(who)), 0, np.zeros(len(who), int)),
        (person, np.maximum(when, second[np.searchsorted(who, person)]), points, 1, level),
        (person[redeems], when[redeems] + 2, np.full(len(redeems), -100.0), 2, level[redeems]),
        (person[rises], when[rises] + 1, np.zeros(len(rises)), 3, level[rises]),
    )
    everyone = np.concatenate([one[0] for one in groups])
    output.write(
        "loyalty_activities",
        {
            "id": hex_ids(block * 100_000_000 + np.arange(len(everyone)), 81),
            "loyalty_number": _numbers(people, everyone),
            "activity_type": choose(["join", "earn", "redeem", "tier_change"],
                                    np.repeat(np.arange(4), [len(one[0]) for one in groups])),
            "points": pa.array(np.concatenate([one[2] for one in groups])),
            "tier": choose(TIERS, np.concatenate([one[4] for one in groups])),
            "created_at": times(np.concatenate([one[1] for one in groups])),
        },
    )  # fmt: skip


def export_billing(
    world: World, block: int, people: People, life: Life, output: Output, truth: Truth
) -> None:
    """Subscribers pay every thirty days; some fail to, some change plan, leavers cancel."""
    rng = world.rng(block, "billing")
    subscribes = (
        people.is_kind("subscriber") | (rng.random(len(people)) < 0.02)
    ) & people.has_account
    subscribes &= people.joined < world.days - 15
    who = np.flatnonzero(subscribes)
    begins = np.maximum(people.joined[who] + rng.integers(0, 30, len(who)), -300)
    begins = np.minimum(begins, world.days - 2)
    ends = np.minimum(life.left[who], begins + rng.exponential(900, len(who)).astype(np.int64) + 20)
    plan = rng.choice(3, len(who), p=[0.6, 0.3, 0.1])
    switch = begins + rng.integers(60, 500, len(who))
    new_plan = np.where(
        rng.random(len(who)) < 0.75, np.minimum(plan + 1, 2), np.maximum(plan - 1, 0)
    )
    switches = (rng.random(len(who)) < 0.35) & (new_plan != plan)
    switch = np.where(switches & (switch < ends), switch, NEVER)
    created = (begins + world.start) * DAY + 14 * 3600 + who % 9000
    at = pa.array(who)
    customer = hex_ids(people.number[who], 91, "cus_")
    subscription = hex_ids(people.number[who], 92, "sub_")
    linked = rng.random(len(who)) < 0.8
    email = email_on(people, who, begins)
    owner = person_ids(people, who)
    truth.add("billing", "customer_id", customer, owner)
    truth.add("billing", "email", email, owner)
    output.write(
        "billing_customers",
        {
            "id": customer,
            "email": email,
            "name": join(people.first_name.take(at), " ", people.last_name.take(at)),
            "phone": None,
            "shop_customer_id": blank(~linked, customer_ids(people, who)),
            "created": times(created - 60),
            "updated": times(created - 60),
        },
    )
    currency = (people.country[who] == 1).astype(int)
    output.write(
        "billing_subscriptions",
        {
            "id": subscription,
            "customer": customer,
            "plan": choose(PLANS, plan),
            "amount": money(FEES[plan]),
            "currency": choose(["eur", "gbp"], currency),
            "interval": "month",
            "start_date": dates(begins + world.start),
            "created": times(created),
            "updated": times(created),
        },
    )
    months = np.maximum((np.minimum(ends, world.days - 1) - begins) // 30, 0)
    row = np.arange(len(who)).repeat(months)
    nth = np.arange(len(row)) - (np.cumsum(months) - months).repeat(months) + 1
    paid = begins[row] + nth * 30
    fails = rng.random(len(row)) < np.where(ends[row] - paid < 60, 0.25, 0.03)
    deleted, changed = np.flatnonzero(ends < world.days), np.flatnonzero(switch < world.days)
    of = np.concatenate([row, changed, deleted])
    day = np.concatenate([paid, switch[changed], ends[deleted]])
    kind = np.concatenate([fails.astype(int), np.full(len(changed), 2), np.full(len(deleted), 3)])
    now = np.where(day >= switch[of], new_plan[of], plan[of])
    second = (day + world.start) * DAY + 14 * 3600 + of % 9000
    output.write(
        "billing_events",
        {
            "id": hex_ids(block * 100_000_000 + np.arange(len(of)), 93, "evt_"),
            "type": choose(BILLED, kind),
            "created": times(second),
            "subscription": subscription.take(pa.array(of)),
            "plan": choose(PLANS, now),
            "amount": money(FEES[now]),
            "currency": choose(["eur", "gbp"], currency[of]),
            "current_period_end": times(second + 30 * DAY, kind == 3),
        },
    )  # fmt: skip
