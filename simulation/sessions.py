"""Who is on the site or in the app when, on which device, signed in or not."""

from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from simulation.baskets import Baskets
from simulation.behaviour import Life
from simulation.columns import DAY, Ints, Mask, Texts, blank, digits, either, join, uuids
from simulation.people import People, World
from simulation.truth import Truth

BROWSE, ORDER, ABANDON, CLICK = range(4)
LAPTOP, HANDSET, APP, TABLET = range(4)
VISITORS = 1_000_000_000
BLOCK_VISITORS = 1_000_000
VISITOR_SHARE = 0.5


@dataclass(frozen=True)
class Sessions:
    """One row per session; device is a number that no other block has, slot its kind.

    second: when it begins, since 1970. order: position among the baskets, or -1. campaign: the
    mail that led here, or -1. logged_in: signed in, so that its events carry the account. Of a
    visitor who never says who they are, person only tells whose tastes and region they share.
    """

    person: Ints
    second: Ints
    kind: Ints
    order: Ints
    campaign: Ints
    slot: Ints
    device: Ints
    logged_in: Mask

    def __len__(self) -> int:
        return len(self.person)


def gather_sessions(
    world: World,
    block: int,
    people: People,
    life: Life,
    baskets: Baskets,
    clicks: tuple[Ints, Ints, Ints],
) -> Sessions:
    """Sessions of people's own accord, before online orders, after clicks, and of visitors.

    clicks: person, second since 1970 and campaign of each.
    """
    rng = world.rng(block, "sessions")
    parts = (
        _own_sessions(world, people, life, rng),
        _order_sessions(people, baskets, rng),
        _click_sessions(people, clicks, rng),
        _visitor_sessions(world, block, people, rng),
    )
    columns = [
        np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Sessions)
    ]
    return Sessions(*columns)


def _own_sessions(world: World, people: People, life: Life, rng: np.random.Generator) -> Sessions:
    person, day = life.visits
    rows = len(person)
    second = (day + world.start) * DAY + rng.integers(6 * 3600, 21 * 3600, rows)
    leaves = np.where(people.is_kind("cart_abandoner"), 0.55, 0.08)[person]
    kind = np.where(rng.random(rows) < leaves, ABANDON, BROWSE)
    in_app = people.has_app[person] & (rng.random(rows) < 0.4)
    slot = _slots(people, person, in_app, rng)
    chance = np.where(slot == APP, 0.7, 0.3)
    none = np.full(rows, -1)
    logged_in = people.has_account[person] & (rng.random(rows) < chance)
    return Sessions(
        person, second, kind, none, none, slot, _devices(people, person, slot), logged_in
    )


def _order_sessions(people: People, baskets: Baskets, rng: np.random.Generator) -> Sessions:
    order = np.flatnonzero(baskets.channel != 1)
    person, rows = baskets.person[order], len(order)
    second = baskets.second[order] - rng.integers(300, 1500, rows)
    slot = _slots(people, person, baskets.channel[order] == 2, rng)
    logged_in = ~baskets.is_guest[order] & (rng.random(rows) < 0.95)
    none = np.full(rows, -1)
    kind, device = np.full(rows, ORDER), _devices(people, person, slot)
    return Sessions(person, second, kind, order, none, slot, device, logged_in)


def _click_sessions(
    people: People, clicks: tuple[Ints, Ints, Ints], rng: np.random.Generator
) -> Sessions:
    person, clicked, campaign = clicks
    rows = len(person)
    slot = _slots(people, person, np.zeros(rows, bool), rng)
    logged_in = people.has_account[person] & (rng.random(rows) < 0.3)
    second = clicked + rng.integers(2, 40, rows)
    kind, device = np.full(rows, CLICK), _devices(people, person, slot)
    return Sessions(person, second, kind, np.full(rows, -1), campaign, slot, device, logged_in)


def _visitor_sessions(
    world: World, block: int, people: People, rng: np.random.Generator
) -> Sessions:
    """One or a few sessions each of people of whom nothing but a cookie is ever known."""
    count = int(len(people) * VISITOR_SHARE * world.days / 365)
    visitor = np.arange(count).repeat(np.minimum(rng.geometric(0.6, count), 6))
    rows = len(visitor)
    first = rng.integers(0, world.days, count)[visitor]
    day = np.minimum(first + rng.integers(0, 40, rows), world.days - 1)
    second = (day + world.start) * DAY + rng.integers(6 * 3600, 21 * 3600, rows)
    kind = np.where(rng.random(rows) < 0.05, ABANDON, BROWSE)
    none = np.full(rows, -1)
    return Sessions(
        person=rng.integers(0, len(people), count)[visitor],
        second=second,
        kind=kind,
        order=none,
        campaign=none,
        slot=rng.integers(LAPTOP, APP, count)[visitor],
        device=VISITORS * 4 + block * BLOCK_VISITORS + visitor,
        logged_in=np.zeros(rows, bool),
    )


def _slots(people: People, person: Ints, in_app: Mask, rng: np.random.Generator) -> Ints:
    """The kind of device of each session; some households pass one tablet round."""
    rows = len(person)
    slot = np.where(rng.random(rows) < 0.6, LAPTOP, HANDSET)
    shared = people.shares_tablet[person] & (rng.random(rows) < 0.3)
    return np.where(in_app, APP, np.where(shared, TABLET, slot))


def _devices(people: People, person: Ints, slot: Ints) -> Ints:
    owner = np.where(slot == TABLET, people.head[person], person)
    return people.number[owner] * 4 + slot


def anonymous_ids(device: Ints, seed: int) -> Texts:
    """The cookie, or the app's own id, of each device."""
    return uuids(device, 1_000 + 2 * seed)


def device_ids(device: Ints, slot: Ints, seed: int) -> Texts:
    """The device's own id, which only apps and tablets tell."""
    return blank((slot != APP) & (slot != TABLET), uuids(device, 1_000_000_000 + 2 * seed))


def true_devices(world: World, people: People, sessions: Sessions, truth: Truth) -> None:
    """A device is theirs who signed in on it; one on which nobody did is a visitor of its own."""
    known = np.isin(sessions.device, sessions.device[sessions.logged_in])
    at = np.flatnonzero(sessions.logged_in | ~known)
    person = np.where(sessions.logged_in[at], people.number[sessions.person[at]], -1)
    once = np.unique(np.stack([sessions.device[at], person, sessions.slot[at]]), axis=1)
    device, number, slot = once
    visitor = join("V", digits(device))
    who = either(number < 0, visitor, join("P", digits(np.maximum(number, 0), 8)))
    cookie = anonymous_ids(device, world.seed)
    own = device_ids(device, slot, world.seed)
    for is_app, name in ((True, "app"), (False, "web")):
        mask = pa.array((slot == APP) == is_app)
        truth.add(name, "anonymous_id", cookie.filter(mask), who.filter(mask))
        truth.add(name, "context_device_id", own.filter(mask), who.filter(mask))
