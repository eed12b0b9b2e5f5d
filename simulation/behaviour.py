"""How often everybody buys and visits, day by day, and when they leave.

Rates are dense matrices (people, days) in float32: a row is a life, and every cause (own season,
weekends, sales, campaigns, growing tired) is a factor on a stretch of it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from simulation.campaigns import REACTION_DAYS, Assignments, Calendar
from simulation.columns import DAY, Floats, Ints, Mask
from simulation.people import NEVER, People, World

Matrix: TypeAlias = npt.NDArray[np.float32]

BAD_SHARE = 0.07
BITTER = 0.22


@dataclass(frozen=True)
class Orders:
    """Orders in order of person and time; second counts from the first second of the world.

    is_bad: something went wrong with it. campaign: whose code was used, or -1.
    """

    person: Ints
    second: Ints
    is_bad: Mask
    campaign: Ints

    def __len__(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Life:
    """What a block of people does over time. left: day of leaving, NEVER while they stay."""

    orders: Orders
    left: Ints
    visits: tuple[Ints, Ints]
    effect: Floats
    base_orders: Floats


def alive(people: People, left: Ints, person: Ints, day: Ints) -> Floats:
    """How much of a customer is still there: 1, falling to 0 over the weeks before leaving."""
    fading = np.where(people.is_kind("silent_leaver"), 90, 35)
    share = np.clip((left[person] - day) / fading[person], 0, 1)
    return np.where(day < people.joined[person], 0.0, share)


def daily_shape(people: People, world: World) -> Matrix:
    """Relative activity of each person on each day, about 1 on average where they are customers."""
    days = np.arange(world.days)
    weekday = (days + world.start + 3) % 7  # 0 is Monday: 1970-01-01 was a Thursday
    of_year = (days + world.start) % 365
    weekend = weekday >= 5
    lift = np.where(people.is_kind("weekend"), 3.25, 1.2)[:, None]
    rest = (7 - 2 * lift) / 5
    shape = np.where(weekend[None, :], lift, rest).astype(np.float32)
    distance = np.abs((of_year[None, :] - people.season[:, None] + 182) % 365 - 182)
    window = np.where(distance <= 45, 3.9, 0.02).astype(np.float32)
    shape *= np.where(people.is_kind("seasonal")[:, None], window, np.float32(1))
    year = 1 + 0.12 * np.cos(2 * np.pi * (of_year - 350) / 365) + 0.3 * (of_year > 325)
    shape *= year.astype(np.float32)
    shape *= days[None, :] >= people.joined[:, None]
    return shape


def _sale(world: World, calendar: Calendar) -> Mask:
    """The days on which a sale runs."""
    running = np.zeros(world.days, bool)
    for day in calendar.day[calendar.is_sale()]:
        running[day : day + REACTION_DAYS] = True
    return running


def _points(rates: Matrix, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """People and days, one for each event, of independent Poisson counts at the given rates."""
    counts = _poisson(rates, rng)
    person, day = np.nonzero(counts)
    times = counts[person, day]
    return person.repeat(times), day.repeat(times)


def _poisson(rates: Matrix, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Poisson counts for small rates by inversion of one uniform: much faster than the sampler."""
    uniform = rng.random(rates.shape, np.float32)
    below = np.exp(-rates)
    counts = (uniform > below).astype(np.uint8)
    term = below
    total = below.copy()
    for k in range(1, 4):
        term = term * rates / k
        total += term
        counts += uniform > total
    return counts


def live(
    world: World, block: int, people: People, calendar: Calendar, assignments: Assignments
) -> Life:
    """Draw orders, bad experiences, leaving and visits; work out what each campaign really did."""
    rng = world.rng(block, "behaviour")
    shape = daily_shape(people, world)
    sale = _sale(world, calendar)
    waits = people.is_kind("discount_only")[:, None]
    bargain = np.where(sale, 1 / max(sale.mean(), 0.05), 0.04).astype(np.float32)
    rate = shape * (people.trait("orders") * people.energy / 365).astype(np.float32)[:, None]
    rate *= np.where(waits, bargain[None, :], np.float32(1))
    edges = np.searchsorted(assignments.campaign, np.arange(len(calendar) + 1))
    for number, day in enumerate(calendar.day):
        rows = slice(edges[number], edges[number + 1])
        hit = assignments.person[rows][assignments.treated[rows]]
        lift = assignments.lift[rows][assignments.treated[rows]]
        rate[hit, day : day + REACTION_DAYS] *= (1 + lift).astype(np.float32)[:, None]
    person, day = _points(rate, rng)
    is_bad = rng.random(len(person)) < BAD_SHARE
    left = _leaving(world, people, person[is_bad], day[is_bad], rng)
    kept = rng.random(len(person)) < alive(people, left, person, day)
    second = day * DAY + _second_of_day(people, person, rng)
    orders = _in_order(person[kept], second[kept], is_bad[kept])
    orders = _with_codes(people, calendar, orders, rng)
    energy = np.sqrt(people.energy)
    visits = _points(
        shape * (people.trait("visits") * energy / 365).astype(np.float32)[:, None], rng
    )
    there = rng.random(len(visits[0])) < alive(people, left, *visits)
    effect, base = _effects(people, calendar, assignments, rate, left, edges)
    return Life(orders, left, (visits[0][there], visits[1][there]), effect, base)


def _leaving(
    world: World, people: People, person: Ints, day: Ints, rng: np.random.Generator
) -> Ints:
    """The day each person leaves: of themselves, or some weeks after a bad experience."""
    begins = np.maximum(people.joined, 0)
    lasts = 45 + rng.exponential(365 / people.trait("leaving"))
    left = np.minimum(begins + lasts.astype(np.int64), NEVER)
    bitter = rng.random(len(person)) < BITTER
    hurt = day[bitter] + 5 + rng.exponential(25, int(bitter.sum())).astype(np.int64)
    np.minimum.at(left, person[bitter], hurt)
    return np.where(left < world.days, left, NEVER)


def _second_of_day(people: People, person: Ints, rng: np.random.Generator) -> Ints:
    """Between six in the morning and nine at night UTC, around each person's own hour."""
    own = 9 + 9 * ((people.number[person] * 2_654_435_761) % 1000) / 1000
    return np.asarray((np.clip(rng.normal(own, 2.2), 6, 20.9) * 3600).astype(np.int64))


def _in_order(person: Ints, second: Ints, is_bad: Mask) -> Orders:
    order = np.lexsort((second, person))
    return Orders(person[order], second[order], is_bad[order], np.full(len(order), -1))


def _with_codes(
    people: People, calendar: Calendar, orders: Orders, rng: np.random.Generator
) -> Orders:
    """Orders in a sale's week use its code, the more so by those who like a bargain."""
    sales = np.flatnonzero(calendar.is_sale())
    at = np.searchsorted(calendar.day[sales], orders.second // DAY, "right") - 1
    campaign = sales[np.maximum(at, 0)] if len(sales) else np.zeros(len(orders), np.int64)
    runs = (at >= 0) & (orders.second // DAY < calendar.day[campaign] + REACTION_DAYS)
    uses = rng.random(len(orders)) < people.trait("discount")[orders.person]
    return Orders(orders.person, orders.second, orders.is_bad, np.where(runs & uses, campaign, -1))


def _effects(
    people: People,
    calendar: Calendar,
    assignments: Assignments,
    rate: Matrix,
    left: Ints,
    edges: Ints,
) -> tuple[Floats, Floats]:
    """Expected orders that each campaign adds to each person, and those expected without it.

    Over the week after it, given everything else that happens to the person.
    """
    base = np.zeros(len(assignments))
    for number, day in enumerate(calendar.day):
        rows = slice(edges[number], edges[number + 1])
        person = assignments.person[rows]
        factor = np.where(assignments.treated[rows], 1 + assignments.lift[rows], 1.0)
        for later in range(day, min(day + REACTION_DAYS, rate.shape[1])):
            there = alive(people, left, person, np.full(len(person), later))
            base[rows] += rate[person, later] * there / np.maximum(factor, 1e-6)
    return base * assignments.lift, base
