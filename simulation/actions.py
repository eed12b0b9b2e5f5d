"""What is done within a session: looking, searching, filling the basket, paying, signing in."""

from dataclasses import dataclass

import numpy as np

from simulation.baskets import Baskets, novelty_of
from simulation.catalogue import Catalogue
from simulation.columns import DAY, Ints
from simulation.people import People, World
from simulation.sessions import ABANDON, ORDER, Sessions

EVENTS = [
    "Product Viewed", "Products Searched", "Product Added", "Product Removed", "Checkout Started",
    "Order Completed", "Signed Up", "Signed In", "Video Playback Progress", "Feature Used",
]  # fmt: skip
VIEWED, SEARCHED, ADDED, REMOVED, CHECKOUT, COMPLETED, SIGNED_UP, SIGNED_IN, VIDEO, FEATURE = range(
    10
)


@dataclass(frozen=True)
class Actions:
    """One row per action: its session, what it is (of EVENTS), the article and the order's number
    (-1 for none), and how many seconds after the session began."""

    session: Ints
    event: Ints
    product: Ints
    order: Ints
    offset: Ints


def _some(at: Ints, event: int, product: Ints | None = None, offset: Ints | int = 0) -> Actions:
    none = np.full(len(at), -1)
    seconds = np.broadcast_to(np.asarray(offset, np.int64), at.shape)
    what = np.full(len(at), event)
    return Actions(at, what, none if product is None else product, none, seconds)


def draw_actions(
    world: World,
    people: People,
    sessions: Sessions,
    baskets: Baskets,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> Actions:
    """All actions of all sessions; what is bought was looked at and put into the basket before."""
    parts = [
        *_looking(world, people, sessions, catalogue, rng),
        *_buying(sessions, baskets, rng),
        *_signing_in(people, sessions, rng),
    ]
    for event, share in ((SEARCHED, 0.22), (VIDEO, 0.04), (FEATURE, 0.07)):
        at = np.flatnonzero(rng.random(len(sessions)) < share)
        parts.append(_some(at, event, None, rng.integers(5, 500, len(at))))
    return Actions(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("session", "event", "product", "order", "offset")
        )
    )


def _looking(
    world: World,
    people: People,
    sessions: Sessions,
    catalogue: Catalogue,
    rng: np.random.Generator,
) -> list[Actions]:
    """Views of articles one likes; some go into the basket, and of those some out again."""
    count = len(sessions)
    views = np.where(sessions.kind == ORDER, 0, rng.geometric(0.6, count))
    views -= (views > 0) & (rng.random(count) < 0.3)
    at = np.arange(count).repeat(views)
    person, rows = sessions.person[at], int(views.sum())
    dice = rng.random(rows)
    liked = np.where(dice < 0.7, people.category[person], people.second_category[person])
    day = sessions.second[at] // DAY - world.start
    novelty = novelty_of(people)[person]
    product = catalogue.draw(liked, people.brand[person], day, novelty, rng)
    second = rng.integers(20, 400, rows)
    leaves = sessions.kind[at] == ABANDON
    adds = rng.random(rows) < np.where(leaves, 0.8, 0.06)
    drops = adds & (rng.random(rows) < 0.2)
    quits = np.flatnonzero((sessions.kind == ABANDON) & (rng.random(count) < 0.45))
    return [
        _some(at, VIEWED, product, second),
        _some(at[adds], ADDED, product[adds], second[adds] + 30),
        _some(at[drops], REMOVED, product[drops], second[drops] + 200),
        _some(quits, CHECKOUT, None, 650),
    ]


def _buying(sessions: Sessions, baskets: Baskets, rng: np.random.Generator) -> list[Actions]:
    """What leads to an order: its first articles seen and added, the checkout, the order itself."""
    done = np.flatnonzero(sessions.order >= 0)
    session = np.full(len(baskets), -1)
    session[sessions.order[done]] = done
    line = np.flatnonzero((session[baskets.order] >= 0) & (baskets.position <= 2))
    at, product = session[baskets.order[line]], baskets.product[line]
    length = baskets.second[baskets.order[line]] - sessions.second[at]
    step = baskets.position[line] * 9
    seen = rng.random(len(line)) < 0.75
    ends = baskets.second[sessions.order[done]] - sessions.second[done]
    paid = _some(done, COMPLETED, None, ends)
    return [
        _some(at[seen], VIEWED, product[seen], ((length * 0.3).astype(np.int64) + step)[seen]),
        _some(at, ADDED, product, (length * 0.6).astype(np.int64) + step),
        _some(done, CHECKOUT, None, (ends * 0.85).astype(np.int64)),
        Actions(done, paid.event, paid.product, baskets.number[sessions.order[done]], ends),
    ]


def _signing_in(people: People, sessions: Sessions, rng: np.random.Generator) -> list[Actions]:
    """Half of the sessions that are signed in began so; the first one of new people signs up."""
    login = np.flatnonzero(sessions.logged_in & (rng.random(len(sessions)) < 0.5))
    order = np.lexsort((sessions.second, sessions.person))
    order = order[sessions.logged_in[order]]
    first = order[np.unique(sessions.person[order], return_index=True)[1]]
    fresh = first[people.joined[sessions.person[first]] >= 0]
    return [_some(login, SIGNED_IN, None, 4), _some(fresh, SIGNED_UP, None, 3)]
