"""Klaviyo's and Twilio's logs: who was to get a campaign, what became of each message."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.behaviour import Life, alive
from simulation.campaigns import KINDS, SUBJECTS, Assignments, Calendar
from simulation.columns import DAY, Ints, Mask, choose, hex_ids, times
from simulation.dirt import repeats
from simulation.output import Output
from simulation.people import People, World
from simulation.systems.accounts import profiles_on

METRICS = [
    "Received Email", "Opened Email", "Clicked Email", "Bounced Email", "Marked Email as Spam",
    "Unsubscribed",
]  # fmt: skip
STATUSES = ["sent", "delivered", "clicked", "undelivered", "opted_out"]
STRIDE = 100_000_000


@dataclass(frozen=True)
class Reactions:
    """What happened after each assignment; delays in seconds after it went out, -1 for not."""

    arrives: Mask
    opened: Ints
    clicked: Ints
    complained: Ints
    unsubscribed: Ints


def react(
    world: World, block: int, people: People, life: Life, calendar: Calendar, sent: Assignments
) -> Reactions:
    """Open and click by each person's habit, which fades before they leave."""
    rng = world.rng(block, "reactions")
    rows, person = len(sent), sent.person
    there = alive(people, life.left, person, sent.second // DAY)
    arrives = sent.treated & (rng.random(rows) > 0.012)
    sms = calendar.is_sms[sent.campaign]
    better = 1 + 0.15 * (sent.variant == 1)
    opens = arrives & ~sms & (rng.random(rows) < people.trait("opens")[person] * there * better)
    pull = np.where(sent.lift > 0.3, 1.3, 0.8)
    clicks = opens & (rng.random(rows) < people.trait("clicks")[person] * pull)
    deaf = people.is_kind("email_lover")[person]
    clicks |= arrives & sms & (rng.random(rows) < np.where(deaf, 0.005, 0.09) * there)
    after = (rng.exponential(4 * 3600, rows) * (1.5 - people.trait("opens")[person])).astype(
        int
    ) + 30
    last = (world.days * DAY) - sent.second - 120
    opened = np.where(opens & (after < last), after, -1)
    delay = np.maximum(opened, 0) + rng.integers(5, 90, rows)
    clicked = np.where(clicks & (sms | (opened >= 0)), delay, -1)
    spam = arrives & ~sms & (rng.random(rows) < 0.001)
    return Reactions(
        arrives, opened, clicked, np.where(spam, 900, -1), np.where(arrives & sent.tired, 1200, -1)
    )


def clicks_of(world: World, sent: Assignments, reactions: Reactions) -> tuple[Ints, Ints, Ints]:
    """Person, second since 1970 and campaign of every click."""
    at = np.flatnonzero(reactions.clicked >= 0)
    second = sent.second[at] + reactions.clicked[at] + world.start * DAY
    return sent.person[at], second, sent.campaign[at]


def export_recipients(
    people: People, again: Mask, calendar: Calendar, sent: Assignments, output: Output
) -> None:
    """Write who was to get each campaign, in which arm, and when it reached them."""
    second = sent.second + calendar.start * DAY
    output.write(
        "email_campaign_recipients",
        {
            "campaign_id": choose(calendar.ids(), sent.campaign),
            "profile_id": profiles_on(people, again, sent.person, sent.second // DAY)[0],
            "assigned_at": times(calendar.day[sent.campaign] * DAY + calendar.start * DAY),
            "arm": choose(["control", "treatment"], sent.treated.astype(int)),
            "variation": choose(["A", "B"], np.where(sent.treated, sent.variant, -1)),
            "is_randomised": pa.array(calendar.is_random[sent.campaign]),
            "exposed_at": times(second, ~sent.treated),
        },
    )


def export_email_events(
    world: World,
    block: int,
    people: People,
    again: Mask,
    calendar: Calendar,
    sent: Assignments,
    reactions: Reactions,
    output: Output,
) -> None:
    """Write Klaviyo's events of the e-mails; a few name a campaign that nobody knows."""
    rng = world.rng(block, "email_events")
    mail = ~calendar.is_sms[sent.campaign]
    zero = np.zeros(len(sent), np.int64)
    delays = (
        np.where(reactions.arrives & mail, zero + 2, -1),
        reactions.opened,
        np.where(mail, reactions.clicked, -1),
        np.where(sent.treated & ~reactions.arrives & mail, 60, -1),
        reactions.complained,
        np.where(mail, reactions.unsubscribed, -1),
    )
    row = np.concatenate([np.flatnonzero(delay >= 0) for delay in delays])
    metric = np.repeat(np.arange(6), [int((delay >= 0).sum()) for delay in delays])
    delay = np.concatenate([delay[delay >= 0] for delay in delays])
    subject = [text for kind in KINDS for text in SUBJECTS[kind]]
    person, campaign = sent.person[row], sent.campaign[row]
    profile, email = profiles_on(people, again, person, sent.second[row] // DAY)
    unknown = rng.random(len(row)) < 0.001
    columns = {
        "id": hex_ids((block * STRIDE + row) * 8 + metric, 51),
        "profile_id": profile,
        "metric": choose(METRICS, metric),
        "datetime": times(sent.second[row] + delay + world.start * DAY),
        "email": email,
        "campaign_id": choose(
            [*calendar.ids(), "01HGONE"], np.where(unknown, len(calendar), campaign)
        ),
        "message_id": hex_ids(block * STRIDE + row, 52),
        "variation": choose(["A", "B"], sent.variant[row]),
        "subject": choose(subject, calendar.kind[campaign] * 2 + sent.variant[row]),
    }
    output.write("email_events", columns)
    output.write("email_events", repeats(columns, rng), "repeated")


def export_sms(
    world: World, block: int, people: People, calendar: Calendar, sent: Assignments,
    reactions: Reactions, output: Output,
) -> None:  # fmt: skip
    """Write Twilio's messages, a row for each status."""
    text = calendar.is_sms[sent.campaign] & sent.treated
    delays = (
        np.where(text, 1, -1),
        np.where(text & reactions.arrives, 4, -1),
        np.where(text, reactions.clicked, -1),
        np.where(text & ~reactions.arrives, 5, -1),
        np.where(text, reactions.unsubscribed, -1),
    )
    row = np.concatenate([np.flatnonzero(delay >= 0) for delay in delays])
    status = np.repeat(np.arange(5), [int((delay >= 0).sum()) for delay in delays])
    delay = np.concatenate([delay[delay >= 0] for delay in delays])
    output.write(
        "sms_messages",
        {
            "sid": hex_ids(block * STRIDE + row, 61, "SM"),
            "to_number": people.phone.take(pa.array(sent.person[row])),
            "status": choose(STATUSES, status),
            "date_updated": times(sent.second[row] + delay + world.start * DAY),
            "campaign_id": choose(calendar.ids(), sent.campaign[row]),
            "body": choose([f"{one[0]}. Reply STOP to end." for one in SUBJECTS.values()],
                           calendar.kind[sent.campaign[row]] % len(SUBJECTS)),
        },
    )  # fmt: skip
