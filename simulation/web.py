"""Segment: sessions of the site and the app, their page views and actions, who signed in."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.behaviour import Life
from simulation.catalogue import CATEGORIES, Catalogue
from simulation.columns import (
    DAY,
    Ints,
    Mask,
    Texts,
    blank,
    choose,
    digits,
    hex_ids,
    plain,
    times,
    uuids,
)
from simulation.names import COUNTRIES, TIME_ZONES
from simulation.output import Output
from simulation.people import People, World
from simulation.shop import Baskets, customer_ids
from simulation.soil import arrival, repeats
from simulation.truth import Truth, person_ids

BROWSE, ORDER, ABANDON, CLICK = range(4)
LAPTOP, HANDSET, APP, TABLET = range(4)
DEVICE_TYPES = ["desktop", "mobile", "mobile", "tablet"]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64) synthetic",
    "Mozilla/5.0 (Linux; Android 13) Mobile synthetic",
    "Omnishop/4.2 (synthetic)",
    "Mozilla/5.0 (iPad; CPU OS 16_0) synthetic",
    "Mozilla/5.0 (compatible; Samplebot/2.1; +http://bot.example/bot.html)",
]
EVENTS = [
    "Product Viewed", "Products Searched", "Product Added", "Product Removed", "Checkout Started",
    "Order Completed", "Signed Up", "Signed In", "Video Playback Progress", "Feature Used",
]  # fmt: skip
VIEWED, SEARCHED, ADDED, REMOVED, CHECKOUT, COMPLETED, SIGNED_UP, SIGNED_IN, VIDEO, FEATURE = range(10)
EVENT_STRIDE = 1_000_000_000


@dataclass(frozen=True)
class Sessions:
    """One row per session; device is a number that no other block has, slot its kind.

    second: when it begins, since 1970. order: position among the baskets, or -1. campaign: the
    mail that led here, or -1. logged_in: signed in, so that its events carry the account.
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
    world: World, block: int, people: People, life: Life, baskets: Baskets,
    clicks: tuple[Ints, Ints, Ints],
) -> Sessions:  # fmt: skip
    """Sessions of their own accord, before online orders, and after clicks (person, second, campaign)."""
    rng = world.rng(block, "sessions")
    own_person, own_day = life.visits
    online = np.flatnonzero(baskets.channel != 1)
    lead = rng.integers(300, 1500, len(online))
    person = np.concatenate([own_person, baskets.person[online], clicks[0]])
    second = np.concatenate(
        [
            (own_day + world.start) * DAY + rng.integers(6 * 3600, 21 * 3600, len(own_person)),
            baskets.second[online] - lead,
            clicks[1] + rng.integers(2, 40, len(clicks[1])),
        ]
    )
    leaves = np.where(people.is_kind("cart_abandoner"), 0.55, 0.08)[own_person]
    kind = np.concatenate(
        [
            np.where(rng.random(len(own_person)) < leaves, ABANDON, BROWSE),
            np.full(len(online), ORDER),
            np.full(len(clicks[0]), CLICK),
        ]
    )
    order = np.full(len(person), -1)
    order[len(own_person) : len(own_person) + len(online)] = online
    campaign = np.full(len(person), -1)
    campaign[len(own_person) + len(online) :] = clicks[2]
    slot = np.where(rng.random(len(person)) < 0.6, LAPTOP, HANDSET)
    in_app = people.has_app[person] & (rng.random(len(person)) < 0.4) & (kind != CLICK)
    slot = np.where(in_app, APP, slot)
    slot[order >= 0] = np.where(
        baskets.channel[online] == 2, APP, np.where(slot[order >= 0] == APP, HANDSET, slot[order >= 0])
    )
    shared = people.shares_tablet[person] & (rng.random(len(person)) < 0.3) & (slot != APP)
    slot = np.where(shared, TABLET, slot)
    owner = np.where(slot == TABLET, people.head[person], person)
    chance = np.where(kind == ORDER, 0.9, np.where(slot == APP, 0.7, 0.3))
    logged_in = people.has_account[person] & (rng.random(len(person)) < chance)
    guest_order = np.zeros(len(person), bool)
    guest_order[order >= 0] = baskets.is_guest[online]
    return Sessions(
        person, second, kind, order, campaign, slot, people.number[owner] * 4 + slot,
        logged_in & ~guest_order,
    )  # fmt: skip


def anonymous_ids(device: Ints, seed: int) -> Texts:
    """The cookie, or the app's own id, of each device."""
    return uuids(device, 100 + seed % 50)


def device_ids(device: Ints, slot: Ints, seed: int) -> Texts:
    """The device's own id, which only the app and tablets tell."""
    return blank((slot != APP) & (slot != TABLET), uuids(device, 400 + seed % 50))


def export_web(
    world: World, block: int, people: People, sessions: Sessions, baskets: Baskets,
    catalogue: Catalogue, campaign_names: list[str], output: Output, truth: Truth,
) -> None:  # fmt: skip
    """Write page and screen views, actions and sign-ins of all sessions, app and site apart."""
    rng = world.rng(block, "web")
    _true_devices(world, people, sessions, truth)
    pages = rng.geometric(0.4, len(sessions))
    session = np.arange(len(sessions)).repeat(pages)
    offset = rng.integers(0, 900, len(session))
    for app in (False, True):
        keep = (sessions.slot[session] == APP) == app
        _write_views(world, block, people, sessions, session[keep], offset[keep],
                     campaign_names, app, output, rng)  # fmt: skip
    at, event, product, order, offset = _actions(world, people, sessions, baskets, catalogue, rng)
    for app in (False, True):
        keep = (sessions.slot[at] == APP) == app
        columns = _context(world, people, sessions, at[keep], offset[keep], campaign_names, rng)
        number = block * EVENT_STRIDE + np.flatnonzero(keep)
        what, position = event[keep], rng.integers(1, 5, int(keep.sum())) * 25
        columns |= {
            "id": hex_ids(number, 21, "ajs-"),
            "event_text": choose(EVENTS, what),
            "product_id": catalogue.ids(product[keep]),
            "order_id": blank(order[keep] < 0, digits(order[keep])),
            "query": choose([one.lower() for one in CATEGORIES],
                            np.where(what == SEARCHED, people.category[sessions.person[at[keep]]], -1)),
            "feature_name": choose(["wishlist", "size_guide", "store_finder"],
                                   np.where(what == FEATURE, position % 3, -1)),
            "video_position": pa.array(position.astype(float), mask=what != VIDEO),
        }  # fmt: skip
        table = "app_tracks" if app else "web_tracks"
        output.write(table, columns)
        output.write(table, repeats(columns, len(number), rng), "repeated")
    _write_identifies(world, block, people, sessions, output, rng)


def _true_devices(world: World, people: People, sessions: Sessions, truth: Truth) -> None:
    """A device is its people's who signed in on it; one on which nobody did is a visitor's own."""
    person, device, slot = sessions.person, sessions.device, sessions.slot
    known = np.isin(device, device[sessions.logged_in])
    rows = np.flatnonzero(sessions.logged_in | ~known)
    visitor = pa.compute.binary_join_element_wise("V", digits(device[rows]), "")
    who = pa.compute.if_else(pa.array(known[rows]), person_ids(people, person[rows]), visitor)
    for app, name in ((True, "app"), (False, "web")):
        keep = (slot[rows] == APP) == app
        mask, at = pa.array(keep), rows[keep]
        cookie = anonymous_ids(device[at], world.seed)
        truth.add(name, "anonymous_id", cookie, who.filter(mask))
        truth.add(name, "device_id", device_ids(device[at], slot[at], world.seed), who.filter(mask))


def _context(
    world: World, people: People, sessions: Sessions, at: Ints, offset: Ints,
    campaign_names: list[str], rng: np.random.Generator,
) -> dict[str, pa.Array | str | None]:  # fmt: skip
    """The columns that every call has, for the sessions at these positions."""
    person, second = sessions.person[at], sessions.second[at] + offset
    campaign = sessions.campaign[at]
    slot = sessions.slot[at]
    return {
        "anonymous_id": anonymous_ids(sessions.device[at], world.seed),
        "user_id": blank(~sessions.logged_in[at], customer_ids(people, person)),
        "timestamp": times(second),
        "received_at": times(arrival(second, rng)),
        "context_device_id": device_ids(sessions.device[at], slot, world.seed),
        "context_device_type": choose(DEVICE_TYPES, slot),
        "context_region": people.region.take(pa.array(person)),
        "context_timezone": choose([TIME_ZONES[one] for one in COUNTRIES], people.country[person]),
        "context_campaign_source": choose(["klaviyo"], np.where(campaign < 0, -1, 0)),
        "context_campaign_medium": choose(["email"], np.where(campaign < 0, -1, 0)),
        "context_campaign_name": choose(campaign_names, campaign),
        "context_user_agent": choose(AGENTS, slot),
    }


def _write_views(
    world: World, block: int, people: People, sessions: Sessions, at: Ints, offset: Ints,
    campaign_names: list[str], app: bool, output: Output, rng: np.random.Generator,
) -> None:  # fmt: skip
    pages = ["Home", "Collection", "Product", "Cart", "Help", "Stores"]
    page = rng.choice(6, len(at), p=[0.25, 0.3, 0.3, 0.08, 0.04, 0.03])
    columns = _context(world, people, sessions, at, offset, campaign_names, rng)
    first = block * EVENT_STRIDE + app * (EVENT_STRIDE // 2)
    columns |= {
        "id": hex_ids(first + np.arange(len(at)), 31, "ajs-"),
        "name": choose(pages, page),
        "path": choose(["/", "/collections/all", "/products/view", "/cart", "/help", "/stores"], page),
        "referrer": choose([None, "https://search.example/", "https://social.example/"],
                           rng.choice(3, len(at), p=[0.6, 0.25, 0.15])),
        "scroll_depth": pa.array(np.round(rng.beta(2, 2, len(at)), 2)),
        "duration_seconds": pa.array(np.round(rng.exponential(45, len(at)), 1)),
    }  # fmt: skip
    table = "app_screens" if app else "web_pages"
    output.write(table, columns)
    output.write(table, repeats(columns, len(at), rng), "repeated")


def _actions(
    world: World, people: People, sessions: Sessions, baskets: Baskets, catalogue: Catalogue,
    rng: np.random.Generator,
) -> tuple[Ints, Ints, Ints, Ints, Ints]:  # fmt: skip
    """Session, event, product (-1: none), order number (-1: none) and second in the session."""
    kind, count = sessions.kind, len(sessions)
    parts: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []

    def add(at: Ints, event: int, product: Ints | int, order: Ints | int, offset: Ints) -> None:
        full = [np.broadcast_to(np.asarray(one, np.int64), at.shape) for one in (event, product, order)]
        parts.append((at, full[0], full[1], full[2], offset))

    views = np.where(kind == ORDER, 0, rng.geometric(0.45, count) - (rng.random(count) < 0.3))
    at = np.arange(count).repeat(views)
    person = sessions.person[at]
    liked = np.where(
        rng.random(len(at)) < 0.7, people.category[person], people.second_category[person]
    )
    day = sessions.second[at] // DAY - world.start
    novelty = np.where(people.number % 5 == 0, 0.5, 0.06)[person]
    product = catalogue.draw(liked, people.brand[person], day, novelty, rng)
    seen = rng.integers(20, 400, len(at))
    add(at, VIEWED, product, -1, seen)
    adds = rng.random(len(at)) < np.where(kind[at] == ABANDON, 0.8, 0.06)
    add(at[adds], ADDED, product[adds], -1, seen[adds] + 30)
    drops = adds & (rng.random(len(at)) < 0.2)
    add(at[drops], REMOVED, product[drops], -1, seen[drops] + 200)
    of_order = np.full(len(baskets), -1)
    of_order[sessions.order[sessions.order >= 0]] = np.flatnonzero(sessions.order >= 0)
    line = np.flatnonzero((of_order[baskets.order] >= 0) & (baskets.position <= 4))
    at = of_order[baskets.order[line]]
    ends = baskets.second[baskets.order[line]] - sessions.second[at]
    add(at, VIEWED, baskets.product[line], -1, (ends * 0.4).astype(np.int64) + baskets.position[line])
    add(at, ADDED, baskets.product[line], -1, (ends * 0.6).astype(np.int64) + baskets.position[line])
    done = np.flatnonzero(sessions.order >= 0)
    number = sessions.order[done]
    ends = baskets.second[number] - sessions.second[done]
    add(done, CHECKOUT, -1, -1, (ends * 0.85).astype(np.int64))
    add(done, COMPLETED, -1, baskets.number[number], ends)
    quit_at = np.flatnonzero((kind == ABANDON) & (rng.random(count) < 0.45))
    add(quit_at, CHECKOUT, -1, -1, np.full(len(quit_at), 650))
    for event, share in ((SEARCHED, 0.25), (VIDEO, 0.04), (FEATURE, 0.07)):
        some = np.flatnonzero(rng.random(count) < share)
        add(some, event, -1, -1, rng.integers(5, 500, len(some)))
    login = np.flatnonzero(sessions.logged_in & (rng.random(count) < 0.5))
    add(login, SIGNED_IN, -1, -1, np.full(len(login), 4))
    order = np.lexsort((sessions.second, sessions.person))
    opens = order[np.unique(sessions.person[order], return_index=True)[1]]
    fresh = opens[(people.joined[sessions.person[opens]] >= 0) & sessions.logged_in[opens]]
    add(fresh, SIGNED_UP, -1, -1, np.full(len(fresh), 3))
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return joined[0], joined[1], joined[2], joined[3], joined[4]


def _write_identifies(
    world: World, block: int, people: People, sessions: Sessions, output: Output,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """An identify call for each sign-in; half of them tell the address."""
    for app in (False, True):
        at = np.flatnonzero(sessions.logged_in & ((sessions.slot == APP) == app))
        person, second = sessions.person[at], sessions.second[at] + 5
        where = pa.array(person)
        email = plain(people.email.take(where))
        columns = {
            "id": hex_ids(block * EVENT_STRIDE + at, 41, "ajs-"),
            "anonymous_id": anonymous_ids(sessions.device[at], world.seed),
            "user_id": customer_ids(people, person),
            "timestamp": times(second),
            "received_at": times(arrival(second, rng)),
            "email": blank((at % 2 == 0) | (people.email_day[person] < world.days), email),
            "phone": blank((at % 7 != 0) | ~people.has_mobile[person], people.phone.take(where)),
            "context_device_id": device_ids(sessions.device[at], sessions.slot[at], world.seed),
        }
        table = "app_identifies" if app else "web_identifies"
        output.write(table, columns)
