"""Zendesk's users, tickets and ratings, and the shop's reviews: words that follow the mood."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.baskets import Baskets
from simulation.behaviour import Life
from simulation.catalogue import Catalogue
from simulation.columns import (
    DAY,
    Ints,
    Texts,
    blank,
    choose,
    digits,
    either,
    iso_times,
    join,
    times,
)
from simulation.names import COUNTRIES, TIME_ZONES
from simulation.output import Output
from simulation.people import People, World
from simulation.phrases import (
    ASKS,
    COMMENTS,
    DETAILS,
    MARKUP,
    MOODS,
    OPENINGS,
    OTHER_SCRIPTS,
    PRAISE,
    PROBLEMS,
    TITLES,
    TOPICS,
    templates,
)
from simulation.systems.shop import customer_ids, email_on
from simulation.truth import Truth, person_ids

USER = 370_000_000
TICKET = 1_000_000
CHANNELS = ["email", "chat", "voice", "twitter", "web"]


def _one_of(groups: Sequence[str], group: Ints, article: Texts, rng: np.random.Generator) -> Texts:
    """One template of each row's group, drawn evenly, about the row's article."""
    texts = [templates(one) for one in groups]
    sizes = np.array([len(one) for one in texts])
    first = np.concatenate([[0], np.cumsum(sizes)])
    index = first[group] + (rng.random(len(group)) * sizes[group]).astype(np.int64)
    halves = [text.partition("{}") for one in texts for text in one]
    named = np.array([bool(slot) for _, slot, _ in halves])[index]
    before, after = (choose([half[place] for half in halves], index) for place in (0, 2))
    return join(before, either(~named, "", article), after)


def _made_dirty(texts: Texts, rng: np.random.Generator) -> Texts:
    """Some empty, some in another script, some HTML, some without end."""
    dice = rng.random(len(texts))
    other = choose(OTHER_SCRIPTS, rng.integers(0, len(OTHER_SCRIPTS), len(texts)))
    texts = either(dice < 0.01, other, texts)
    texts = either((dice >= 0.01) & (dice < 0.02), MARKUP, texts)
    endless = pc.binary_repeat(texts, pa.array(np.where(dice > 0.998, 60, 1)))
    return blank((dice >= 0.02) & (dice < 0.03), endless)


def export_tickets(
    world: World, block: int, people: People, life: Life, baskets: Baskets, catalogue: Catalogue,
    output: Output, truth: Truth,
) -> None:  # fmt: skip
    """Tickets about orders that went wrong, and plain questions of anybody, with their ratings."""
    rng = world.rng(block, "tickets")
    bad = np.flatnonzero(baskets.is_bad & (rng.random(len(baskets)) < 0.55))
    asked = np.flatnonzero(~baskets.is_bad & (rng.random(len(baskets)) < 0.015))
    order = np.concatenate([bad, asked])
    person = baskets.person[order]
    second = baskets.second[order] + rng.integers(3600, 9 * DAY, len(order))
    sour = life.left[person] - (second // DAY - world.start) < 90
    pleased = rng.random(len(order)) < np.where(np.arange(len(order)) < len(bad), 0.1, 0.9)
    pleased &= ~sour | (rng.random(len(order)) < 0.3)
    inside = second < (world.start + world.days) * DAY - 60
    order, person, second = order[inside], person[inside], second[inside]
    mood = pleased[inside].astype(np.int64)
    topic = rng.choice(len(TOPICS), len(order), p=[0.35, 0.2, 0.15, 0.12, 0.1, 0.08])
    article = catalogue.titles(baskets.product[np.searchsorted(baskets.order, order)])
    problem = _one_of([PROBLEMS[one] for one in TOPICS], topic, article, rng)
    opening, detail, ask = (
        _one_of([group[one] for one in MOODS], mood, article, rng)
        for group in (OPENINGS, DETAILS, ASKS)
    )
    body = join(opening, " ", problem, ". ", detail, " ", ask)
    number = TICKET + block * 1_000_000 + np.arange(len(order))
    wait = np.where(mood == 1, 6, 40) * 3600 * rng.exponential(1, len(order))
    solved = second + wait.astype(np.int64) + 600
    end = (world.start + world.days) * DAY
    is_open = solved >= end
    user = digits(USER + people.number[person])
    channel = rng.choice(5, len(order), p=[0.45, 0.2, 0.12, 0.08, 0.15])
    output.write(
        "helpdesk_tickets",
        {
            "id": digits(number),
            "requester_id": user,
            "subject": blank(rng.random(len(order)) < 0.05, problem),
            "description": _made_dirty(body, rng),
            "status": choose(["solved", "open"], is_open.astype(int)),
            "priority": choose(["low", "normal", "high", "urgent"], rng.integers(0, 4, len(order))),
            "via_channel": choose(CHANNELS, channel),
            "tags": choose([f"{one} web" for one in TOPICS], topic),
            "created_at": times(second),
            "updated_at": times(np.where(is_open, second, solved)),
            "solved_at": times(solved, is_open),
        },
    )
    rated = np.flatnonzero(~is_open & (rng.random(len(order)) < 0.5) & (solved + 7200 < end))
    content = (rng.random(len(rated)) < np.where(mood[rated] == 1, 0.93, 0.25)).astype(np.int64)
    article = article.take(pa.array(rated))
    comment = _one_of([COMMENTS[one] for one in MOODS], content, article, rng)
    output.write(
        "helpdesk_ratings",
        {
            "id": digits(number[rated] * 3),
            "ticket_id": digits(number[rated]),
            "requester_id": user.take(pa.array(rated)),
            "satisfaction_rating": choose(MOODS, content),
            "comment": blank(rng.random(len(rated)) < 0.6, comment),
            "created_at": times(solved[rated] + 7200),
        },
    )  # fmt: skip
    _export_users(world, people, person, second, output, truth, rng)


def _export_users(
    world: World, people: People, person: Ints, second: Ints, output: Output, truth: Truth,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    """The end users behind the tickets, made when they first wrote."""
    order = np.argsort(second, kind="stable")
    who, first = np.unique(person[order], return_index=True)
    created = second[order][first]
    at = pa.array(who)
    email = email_on(people, who, created // DAY - world.start)
    phone = blank((rng.random(len(who)) < 0.6) | ~people.has_mobile[who], people.phone.take(at))
    linked = people.has_account[who] & (rng.random(len(who)) < 0.5)
    ids, owner = digits(USER + people.number[who]), person_ids(people, who)
    for kind, values in (("user_id", ids), ("email", email), ("phone", phone)):
        truth.add("helpdesk", kind, values, owner)
    output.write(
        "helpdesk_users",
        {
            "id": ids,
            "name": join(people.first_name.take(at), " ", people.last_name.take(at)),
            "email": email,
            "phone": phone,
            "external_id": blank(~linked, customer_ids(people, who)),
            "time_zone": choose([TIME_ZONES[one] for one in COUNTRIES], people.country[who]),
            "created_at": times(created),
            "updated_at": times(created),
        },
    )


def export_reviews(
    world: World, block: int, people: People, life: Life, baskets: Baskets, catalogue: Catalogue,
    output: Output,
) -> None:  # fmt: skip
    """Reviews of what was bought, a few surveys and comments; stars and words follow the mood."""
    rng = world.rng(block, "reviews")
    line = np.flatnonzero(rng.random(len(baskets.order)) < 0.016)
    order = baskets.order[line]
    person = baskets.person[order]
    second = baskets.second[order] + rng.integers(4 * DAY, 25 * DAY, len(line))
    inside = second < (world.start + world.days) * DAY
    line, order, person, second = line[inside], order[inside], person[inside], second[inside]
    near_end = (life.left[person] - (second // DAY - world.start)) < 90
    score = rng.normal(4.3 - 2.2 * baskets.is_bad[order] - 1.2 * near_end, 0.8)
    stars = np.clip(np.rint(score), 1, 5).astype(int)
    mood = np.where(stars >= 4, 0, np.where(stars == 3, 1, 2))
    article = catalogue.titles(baskets.product[line])
    first, then = (_one_of(list(PRAISE.values()), mood, article, rng) for _ in range(2))
    body = either(rng.random(len(line)) < 0.4, first, join(first, " ", then))
    day = second // DAY - world.start
    account = people.has_account[person]
    output.write(
        "shop_reviews",
        {
            "id": digits(44_000_000 + block * 1_000_000 + np.arange(len(line))),
            "kind": choose(
                ["review", "survey", "social"], rng.choice(3, len(line), p=[0.8, 0.15, 0.05])
            ),
            "product_id": catalogue.ids(baskets.product[line]),
            "customer__id": blank(~account, customer_ids(people, person)),
            "email": email_on(people, person, day),
            "rating": pa.array(stars.astype(float), mask=rng.random(len(line)) < 0.04),
            "title": _one_of(list(TITLES.values()), mood, article, rng),
            "body": _made_dirty(body, rng),
            "created_at": iso_times(second),
        },
    )
