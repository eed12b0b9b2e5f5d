"""The calendar of campaigns, who is to get each of them, and what each does to whom."""

from dataclasses import dataclass

import numpy as np

from simulation.columns import DAY, Floats, Ints, Mask, choose, digits, iso_times, join, times
from simulation.output import Output
from simulation.people import People, World

KINDS = ("newsletter", "discount", "new_arrivals", "seasonal", "discount", "win_back")
STRENGTH = {"newsletter": 0.5, "discount": 1.0, "new_arrivals": 0.9, "seasonal": 0.8, "win_back": 1}
SUBJECTS = {
    "newsletter": ("Notes from the shop", "What we have been reading"),
    "discount": ("20% off everything this week", "Your code: save 20% until Sunday"),
    "new_arrivals": ("Just in: new arrivals", "New this week, picked for you"),
    "seasonal": ("Ready for the season?", "The season starts here"),
    "win_back": ("We miss you", "It has been a while"),
}
REACTION_DAYS = 7
HELD_OUT = 0.2
REACH = 0.72


@dataclass(frozen=True)
class Calendar:
    """Campaigns in order of their day; kind indexes KINDS, is_sms tells the channel."""

    day: Ints
    kind: Ints
    is_sms: Mask
    is_random: Mask
    start: int

    def __len__(self) -> int:
        return len(self.day)

    def ids(self) -> list[str]:
        """Ids as Klaviyo writes them."""
        return [f"01H{n:05d}CMPGN" for n in range(len(self))]

    def codes(self) -> list[str | None]:
        """The discount code of each campaign, if it gives one."""
        return [
            f"SAVE{n:03d}" if KINDS[kind] in ("discount", "win_back") else None
            for n, kind in enumerate(self.kind)
        ]

    def is_sale(self) -> Mask:
        """Which campaigns come with a sale that everybody sees in the shop."""
        return np.array([KINDS[kind] == "discount" for kind in self.kind], bool)


@dataclass(frozen=True)
class Assignments:
    """One row per campaign and person it was planned for; lift is the true share of orders added.

    tired: unsubscribes because of it, if it arrives. second: when it goes out, counted from the
    first second of the world.
    """

    campaign: Ints
    person: Ints
    second: Ints
    treated: Mask
    variant: Ints
    lift: Floats
    tired: Mask

    def __len__(self) -> int:
        return len(self.campaign)


def plan_calendar(world: World) -> Calendar:
    """An e-mail every week from the second one on, a text message every fourth week."""
    mails = np.arange(8, max(9, world.days - 2), 7)
    texts = np.arange(18, max(19, world.days - 2), 28)
    day = np.concatenate([mails, texts])
    kind = np.concatenate([np.arange(len(mails)) % len(KINDS), np.ones(len(texts), np.int64)])
    sms = np.concatenate([np.zeros(len(mails), bool), np.ones(len(texts), bool)])
    order = np.argsort(day, kind="stable")
    number = np.arange(len(day))
    return Calendar(day[order], kind[order], sms[order], number % 3 != 2, world.start)


def true_lift(people: People, kind: str, is_sms: bool, taste: Floats) -> Floats:
    """By which share a campaign of this kind changes each person's orders in the week after it."""
    base = people.trait("sms_lift" if is_sms else "email_lift") * STRENGTH[kind]
    if kind == "discount":
        base = base + 0.8 * people.trait("discount")
    if kind == "win_back":
        base = base + 0.4 * people.is_kind("silent_leaver")
    return np.asarray(base * taste)


def assign(
    world: World, block: int, people: People, calendar: Calendar, reach: Mask
) -> Assignments:
    """Plan every campaign in turn; who unsubscribes is no longer planned for.

    reach (people, 2): who can be written to by e-mail and by text message. A random campaign holds
    out one in five; a targeted one goes to those who would buy most anyway, and holds out nobody.
    """
    rng = world.rng(block, "campaigns")
    taste = rng.lognormal(0, 0.35, len(people))
    open_to = reach.copy()
    leaning = people.energy * people.trait("orders") * rng.lognormal(0, 0.5, len(people))
    parts = []
    for number in range(len(calendar)):
        channel = int(calendar.is_sms[number])
        kind = KINDS[calendar.kind[number]]
        able = open_to[:, channel] & (people.joined < calendar.day[number] - 2)
        if calendar.is_random[number]:
            person = np.flatnonzero(able & (rng.random(len(people)) < REACH))
            treated = rng.random(len(person)) >= HELD_OUT
        else:
            bar = np.quantile(leaning[able], 1 - REACH) if able.any() else 0.0
            person = np.flatnonzero(able & (leaning >= bar))
            treated = np.ones(len(person), bool)
        lift = true_lift(people, kind, bool(channel), taste)[person]
        second = calendar.day[number] * DAY + 8 * 3600 + rng.integers(0, 1800, len(person))
        tired = rng.random(len(person)) < np.where(lift < 0, 0.05, 0.004)
        open_to[person[tired & treated], channel] = False
        variant = rng.integers(0, 2, len(person))
        campaign = np.full(len(person), number)
        parts.append((campaign, person, second, treated, variant, lift, tired))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Assignments(*columns)


def export_campaigns(calendar: Calendar, output: Output) -> None:
    """Klaviyo's campaigns and Shopify's discount codes."""
    seconds = (calendar.day + calendar.start) * DAY + 8 * 3600
    number = np.arange(len(calendar))
    kinds = choose([one.replace("_", " ").capitalize() for one in KINDS], calendar.kind)
    output.write(
        "email_campaigns",
        {
            "id": choose(calendar.ids(), number),
            "name": join(kinds, " ", digits(number, 3)),
            "channel": choose(["email", "sms"], calendar.is_sms.astype(int)),
            "status": "Sent",
            "send_time": times(seconds),
            "end_time": times(seconds + 7 * DAY),
            "cost": digits(120 + 35 * (number % 9)),
            "currency": "EUR",
        },
    )
    given = np.array([code is not None for code in calendar.codes()])
    output.write(
        "shop_discount_codes",
        {
            "code": choose(calendar.codes(), number[given]),
            "price_rule_id": digits(507_000_000_000 + number[given]),
            "value_type": "percentage",
            "discount_value": digits(np.full(int(given.sum()), -20)),
            "campaign_id": choose(calendar.ids(), number[given]),
            "starts_at": iso_times(seconds[given]),
            "ends_at": iso_times(seconds[given] + REACTION_DAYS * DAY),
            "created_at": iso_times(seconds[given] - DAY),
        },
    )
