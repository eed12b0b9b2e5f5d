"""Segment: page and screen views, actions by its e-commerce specification, who signed in."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.actions import EVENTS, FEATURE, SEARCHED, VIDEO, draw_actions
from simulation.baskets import Baskets
from simulation.catalogue import CATEGORIES, Catalogue
from simulation.columns import DAY, Ints, blank, choose, digits, either, hex_ids, join, plain, times
from simulation.dirt import arrival, repeats
from simulation.names import COUNTRIES, TIME_ZONES
from simulation.output import Columns, Output
from simulation.people import People, World
from simulation.sessions import ABANDON, APP, ORDER, Sessions, anonymous_ids, device_ids
from simulation.systems.shop import customer_ids, email_on
from simulation.truth import Truth, person_ids

DEVICE_TYPES = ["desktop", "mobile", "mobile", "tablet"]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64) synthetic",
    "Mozilla/5.0 (Linux; Android 13) Mobile synthetic",
    "Omnishop/4.2 (synthetic)",
    "Mozilla/5.0 (iPad; CPU OS 16_0) synthetic",
]
BOT = "Mozilla/5.0 (compatible; Samplebot/2.1; +http://bot.example/bot.html)"
PAGES = {
    "Home": "/", "Collection": "/collections/all", "Product": "/products/view", "Cart": "/cart",
    "Checkout": "/checkout", "Help": "/help", "Stores": "/stores", "Size guide": "/size-guide",
}  # fmt: skip
BROWSING = [0.25, 0.31, 0.3, 0.04, 0.0, 0.04, 0.03, 0.03]
BUYING = [0.1, 0.2, 0.3, 0.2, 0.15, 0.01, 0.02, 0.02]
FEATURES = ["wishlist", "size_guide", "store_finder"]
EVENT_STRIDE = 1_000_000_000
UNKNOWN_PRODUCT = "7999999999999"
QUERIES = [text for one in CATEGORIES for text in (one.lower(), f"{one.lower()} gift")]


def export_web(
    world: World,
    block: int,
    people: People,
    sessions: Sessions,
    baskets: Baskets,
    catalogue: Catalogue,
    campaign_names: list[str],
    output: Output,
    truth: Truth,
) -> None:
    """Write page and screen views, actions and sign-ins of all sessions, app and site apart."""
    rng = world.rng(block, "web")
    calls = Calls(world, people, sessions, campaign_names, rng)
    session = np.arange(len(sessions)).repeat(rng.geometric(0.58, len(sessions)))
    offset = rng.integers(0, 900, len(session))
    for app in (False, True):
        keep = (sessions.slot[session] == APP) == app
        first = block * EVENT_STRIDE + app * (EVENT_STRIDE // 2)
        _write_views(calls, session[keep], offset[keep], first, output, app)
    actions = draw_actions(world, people, sessions, baskets, catalogue, rng)
    for app in (False, True):
        keep = (sessions.slot[actions.session] == APP) == app
        what, at = actions.event[keep], actions.session[keep]
        position = rng.integers(1, 5, len(at)) * 25
        order = actions.order[keep]
        product = plain(catalogue.ids(actions.product[keep]))
        gone = rng.random(len(at)) < 0.001
        topic = people.category[sessions.person[at]]
        columns = calls.context(at, actions.offset[keep]) | {
            "id": hex_ids(block * EVENT_STRIDE + np.flatnonzero(keep), 21, "ajs-"),
            "event_text": choose(EVENTS, what),
            "product_id": either(gone & (actions.product[keep] >= 0), UNKNOWN_PRODUCT, product),
            "order_id": blank(order < 0, digits(order)),
            "query": choose(QUERIES, np.where(what == SEARCHED, topic * 2 + position // 75, -1)),
            "feature_name": choose(FEATURES, np.where(what == FEATURE, position % 3, -1)),
            "video_position": pa.array(position.astype(float), mask=what != VIDEO),
        }
        _write(output, "app_tracks" if app else "web_tracks", columns, rng)
    _write_identifies(calls, block, output, truth)


@dataclass(frozen=True)
class Calls:
    """What the calls of all sessions have in common."""

    world: World
    people: People
    sessions: Sessions
    campaign_names: list[str]
    rng: np.random.Generator

    def context(self, at: Ints, offset: Ints) -> Columns:
        """The columns that every call has: of these sessions, so many seconds after they began."""
        sessions, person = self.sessions, self.sessions.person[at]
        second, slot = sessions.second[at] + offset, sessions.slot[at]
        campaign = sessions.campaign[at]
        mailed = np.where(campaign < 0, -1, 0)
        zones = [TIME_ZONES[one] for one in COUNTRIES]
        return {
            "anonymous_id": anonymous_ids(sessions.device[at], self.world.seed),
            "user_id": blank(~sessions.logged_in[at], customer_ids(self.people, person)),
            "timestamp": times(second),
            "received_at": times(arrival(second, self.rng)),
            "context_device_id": device_ids(sessions.device[at], slot, self.world.seed),
            "context_device_type": choose(DEVICE_TYPES, slot),
            "context_region": self.people.region.take(pa.array(person)),
            "context_timezone": choose(zones, self.people.country[person]),
            "context_campaign_source": choose(["klaviyo"], mailed),
            "context_campaign_medium": choose(["email"], mailed),
            "context_campaign_name": choose(self.campaign_names, campaign),
            "context_user_agent": choose(AGENTS, slot),
        }


def _write(output: Output, table: str, columns: Columns, rng: np.random.Generator) -> None:
    """Write a table, and in a file of its own a few rows that a collector delivered again."""
    output.write(table, columns)
    output.write(table, repeats(columns, rng), "repeated")


def _page(pages: Ints) -> Columns:
    return {"name": choose(list(PAGES), pages), "path": choose(list(PAGES.values()), pages)}


def _write_views(
    calls: Calls, at: Ints, offset: Ints, first: int, output: Output, app: bool
) -> None:
    """The views of these sessions; those who are about to buy look at other pages, for longer."""
    rng, kind = calls.rng, calls.sessions.kind[at]
    buying = (kind == ORDER) | (kind == ABANDON)
    dice = rng.random(len(at))
    page = np.where(
        buying,
        np.searchsorted(np.cumsum(BUYING)[:-1], dice),
        np.searchsorted(np.cumsum(BROWSING)[:-1], dice),
    )
    referrers = [None, "https://search.example/", "https://social.example/"]
    person = calls.people.number[calls.sessions.person[at]]
    depth = np.clip(rng.beta(2, 2, len(at)) + 0.15 * buying, 0, 1)
    columns = (
        calls.context(at, offset)
        | _page(page)
        | {
            "id": hex_ids(first + np.arange(len(at)), 31, "ajs-"),
            "referrer": choose(referrers, rng.choice(3, len(at), p=[0.6, 0.25, 0.15])),
            "scroll_depth": pa.array(np.round(depth, 2), mask=dice > 0.98),
            "duration_seconds": pa.array(
                np.round(rng.exponential(20 + person % 50, len(at)), 1), mask=dice < 0.02
            ),
        }
    )
    _write(output, "app_screens" if app else "web_pages", columns, rng)


def _write_identifies(calls: Calls, block: int, output: Output, truth: Truth) -> None:
    """An identify call for each session that is signed in; half of them tell the address."""
    people, sessions = calls.people, calls.sessions
    for app in (False, True):
        at = np.flatnonzero(sessions.logged_in & ((sessions.slot == APP) == app))
        person, second = sessions.person[at], sessions.second[at] + 5
        email = email_on(people, person, second // DAY - calls.world.start)
        hides = (at % 7 != 0) | ~people.has_mobile[person]
        phone = blank(hides, people.phone.take(pa.array(person)))
        email = blank(at % 2 == 0, email)
        owner = person_ids(people, person)
        name = "app" if app else "web"
        for kind, values in (("email", email), ("phone", phone)):
            truth.add(name, kind, values, owner)
        columns = {
            "id": hex_ids(block * EVENT_STRIDE + at, 41, "ajs-"),
            "anonymous_id": anonymous_ids(sessions.device[at], calls.world.seed),
            "user_id": customer_ids(people, person),
            "timestamp": times(second),
            "received_at": times(arrival(second, calls.rng)),
            "email": email,
            "phone": phone,
            "context_device_id": device_ids(
                sessions.device[at], sessions.slot[at], calls.world.seed
            ),
        }
        output.write(f"{name}_identifies", columns)


def export_bots(world: World, block: int, people: People, output: Output, truth: Truth) -> None:
    """Crawlers, one per thousand customers: hundreds of pages in two minutes, and they say so."""
    rng = world.rng(block, "bots")
    count = 1 + len(people) // 1000
    bot = np.arange(count).repeat(rng.integers(250, 600, count))
    begin = (world.start + rng.integers(0, world.days, count)) * DAY + 3 * 3600
    second = begin[bot] + rng.integers(0, 120, len(bot))
    device = -1 - block * 1_000_000 - np.arange(count)
    cookies = anonymous_ids(device, world.seed)
    truth.add(
        "web", "anonymous_id", cookies, join("B", digits(block * 1_000_000 + np.arange(count)))
    )
    columns: Columns = {
        "id": hex_ids(
            block * EVENT_STRIDE + 3 * EVENT_STRIDE // 4 + np.arange(len(bot)), 31, "ajs-"
        ),
        "anonymous_id": cookies.take(pa.array(bot)),
        "timestamp": times(second),
        "received_at": times(second + 1),
        "scroll_depth": pa.array(np.zeros(len(bot))),
        "duration_seconds": pa.array(np.zeros(len(bot))),
        "context_device_type": "desktop",
        "context_user_agent": BOT,
    }
    silent = dict.fromkeys(
        ("user_id", "referrer", "context_device_id", "context_region", "context_timezone",
         "context_campaign_source", "context_campaign_medium", "context_campaign_name")
    )  # fmt: skip
    output.write("web_pages", columns | silent | _page(rng.integers(0, 3, len(bot))), "crawled")
