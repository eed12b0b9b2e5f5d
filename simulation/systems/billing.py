"""Stripe: subscribers, their plans, what was paid, failed, changed and cancelled."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.behaviour import Life
from simulation.columns import DAY, Ints, Texts, blank, choose, dates, hex_ids, join, money, times
from simulation.output import Output
from simulation.people import NEVER, People, World
from simulation.systems.shop import customer_ids, email_on
from simulation.truth import Truth, person_ids

PLANS = ["basic", "plus", "premium"]
FEES = np.array([9.90, 19.90, 39.90])
CURRENCIES = ["eur", "gbp"]
BILLED = [
    "invoice.paid",
    "invoice.payment_failed",
    "customer.subscription.updated",
    "customer.subscription.deleted",
]


@dataclass(frozen=True)
class Subscriptions:
    """One row per subscriber; days count from the first day of the world, NEVER for not.

    switches: the day on which plan gives way to new_plan.
    """

    person: Ints
    begins: Ints
    ends: Ints
    plan: Ints
    new_plan: Ints
    switches: Ints

    def seconds(self, world: World, row: Ints, day: Ints) -> Ints:
        """At which second since 1970 the subscription of each row is billed on that day."""
        return np.asarray((day + world.start) * DAY + 14 * 3600 + row % 9000)


def export_billing(
    world: World, block: int, people: People, life: Life, output: Output, truth: Truth
) -> None:
    """Subscribers pay every thirty days; some fail to, some change plan, leavers cancel."""
    rng = world.rng(block, "billing")
    subscriptions = _subscribe(world, people, life, rng)
    ids = hex_ids(people.number[subscriptions.person], 92, "sub_")
    _export_customers(world, people, subscriptions, ids, rng, output, truth)
    _export_events(world, block, people, subscriptions, ids, rng, output)


def _subscribe(world: World, people: People, life: Life, rng: np.random.Generator) -> Subscriptions:
    """Who subscribes to what and how long; three in four of those who switch upgrade.

    Who is more active keeps a subscription longer, and is likelier to change the plan.
    """
    likes = people.is_kind("subscriber") | (rng.random(len(people)) < 0.02)
    who = np.flatnonzero(likes & people.has_account & (people.joined < world.days - 15))
    rows = len(who)
    begins = np.maximum(people.joined[who] + rng.integers(0, 30, rows), -300)
    begins = np.minimum(begins, world.days - 2)
    lasts = rng.exponential(900 * people.energy[who]).astype(np.int64) + 20
    ends = np.maximum(np.minimum(life.left[who], begins + lasts), begins + 1)
    plan = rng.choice(3, rows, p=[0.6, 0.3, 0.1])
    switch = begins + rng.integers(60, 500, rows)
    upgrades = rng.random(rows) < 0.75
    new_plan = np.where(upgrades, np.minimum(plan + 1, 2), np.maximum(plan - 1, 0))
    switches = (rng.random(rows) < 0.35 * people.energy[who]) & (new_plan != plan) & (switch < ends)
    return Subscriptions(who, begins, ends, plan, new_plan, np.where(switches, switch, NEVER))


def _export_customers(
    world: World,
    people: People,
    subscriptions: Subscriptions,
    ids: Texts,
    rng: np.random.Generator,
    output: Output,
    truth: Truth,
) -> None:
    """Stripe's customers, one in five without the shop's id, and subscriptions as they began."""
    who, at = subscriptions.person, pa.array(subscriptions.person)
    created = subscriptions.seconds(world, who, subscriptions.begins)
    customer = hex_ids(people.number[who], 91, "cus_")
    email = email_on(people, who, subscriptions.begins)
    truth.add("billing", "customer_id", customer, person_ids(people, who))
    truth.add("billing", "email", email, person_ids(people, who))
    unlinked = rng.random(len(who)) >= 0.8
    output.write(
        "billing_customers",
        {
            "id": customer,
            "email": email,
            "name": join(people.first_name.take(at), " ", people.last_name.take(at)),
            "phone": None,
            "shop_customer_id": blank(unlinked, customer_ids(people, who)),
            "created": times(created - 60),
            "updated": times(created - 60),
        },
    )
    output.write(
        "billing_subscriptions",
        {
            "id": ids,
            "customer": customer,
            "plan": choose(PLANS, subscriptions.plan),
            "amount": money(FEES[subscriptions.plan]),
            "currency": choose(CURRENCIES, (people.country[who] == 1).astype(int)),
            "interval": "month",
            "start_date": dates(subscriptions.begins + world.start),
            "created": times(created),
            "updated": times(created),
        },
    )


def _export_events(
    world: World,
    block: int,
    people: People,
    subscriptions: Subscriptions,
    ids: Texts,
    rng: np.random.Generator,
    output: Output,
) -> None:
    begins, ends, switches = subscriptions.begins, subscriptions.ends, subscriptions.switches
    months = np.maximum((np.minimum(ends, world.days - 1) - begins) // 30, 0)
    row = np.arange(len(begins)).repeat(months)
    nth = np.arange(len(row)) - (np.cumsum(months) - months).repeat(months) + 1
    paid = begins[row] + nth * 30
    fails = rng.random(len(row)) < np.where(ends[row] - paid < 60, 0.25, 0.03)
    changed, deleted = np.flatnonzero(switches < world.days), np.flatnonzero(ends < world.days)
    of = np.concatenate([row, changed, deleted])
    day = np.concatenate([paid, switches[changed], ends[deleted]])
    kind = np.concatenate([fails.astype(int), np.full(len(changed), 2), np.full(len(deleted), 3)])
    plan = np.where(day >= switches[of], subscriptions.new_plan[of], subscriptions.plan[of])
    person = subscriptions.person[of]
    second = subscriptions.seconds(world, person, day)
    output.write(
        "billing_events",
        {
            "id": hex_ids(block * 100_000_000 + np.arange(len(of)), 93, "evt_"),
            "type": choose(BILLED, kind),
            "created": times(second),
            "subscription": ids.take(pa.array(of)),
            "plan": choose(PLANS, plan),
            "amount": money(FEES[plan]),
            "currency": choose(CURRENCIES, (people.country[person] == 1).astype(int)),
            "current_period_end": times(second + 30 * DAY, kind == 3),
        },
    )
