"""One call makes the world: block after block of customers, each written as soon as it is lived."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from simulation.baskets import expected_order_value, fill_baskets
from simulation.behaviour import live
from simulation.campaigns import Calendar, assign, export_campaigns, plan_calendar
from simulation.catalogue import Catalogue, draw_catalogue, export_catalogue
from simulation.columns import choose, dates
from simulation.output import Output, contracted_columns
from simulation.people import World, draw_people
from simulation.sessions import gather_sessions, true_devices
from simulation.systems.accounts import (
    export_companies,
    export_contacts,
    export_profiles,
    export_shop_customers,
    second_profiles,
)
from simulation.systems.ads import export_ad_campaigns, export_touches
from simulation.systems.billing import export_billing
from simulation.systems.consent import draw_reach, export_consents
from simulation.systems.loyalty import export_loyalty
from simulation.systems.messages import (
    clicks_of,
    export_email_events,
    export_recipients,
    export_sms,
    react,
)
from simulation.systems.shop import export_lines, export_orders, export_refunds
from simulation.systems.support import export_reviews, export_tickets
from simulation.systems.web import export_bots, export_web
from simulation.truth import Truth, export_effects, export_people

BLOCK = 25_000
START = date(2023, 1, 2)


def simulate(
    customers: int,
    days: int,
    seed: int,
    folder: Path,
    start: date = START,
    progress: Callable[[int], None] | None = None,
) -> dict[str, int]:
    """Write the synthetic world of `customers` people over `days` days into an empty folder.

    progress is told how many customers are done. Returns exported table -> rows. The same
    arguments write the same bytes.
    """
    world = World(customers, days, seed, (start - date(1970, 1, 1)).days)
    columns = contracted_columns()
    rows: dict[str, int] = {}
    catalogue = draw_catalogue(seed, world.start, days)
    calendar = plan_calendar(world)
    shared = Output(folder, 0, columns)
    export_catalogue(catalogue, shared)
    export_campaigns(calendar, shared)
    export_ad_campaigns(world, shared)
    _export_rates(world, shared)
    outputs = [shared]
    for block, first in enumerate(range(0, customers, BLOCK)):
        outputs.append(Output(folder, block, columns))
        size = min(BLOCK, customers - first)
        _simulate_block(world, block, first, size, calendar, catalogue, outputs[-1])
        if progress:
            progress(first + size)
    for output in outputs:
        for table, count in output.rows.items():
            rows[table] = rows.get(table, 0) + count
    return rows


def _simulate_block(
    world: World, block: int, first: int, size: int, calendar: Calendar, catalogue: Catalogue,
    output: Output,
) -> None:  # fmt: skip
    """Live the lives of one block of customers and write every system's part of them."""
    truth = Truth()
    people = draw_people(world, block, first, size)
    reach = draw_reach(world, block, people)
    sent = assign(world, block, people, calendar, reach)
    life = live(world, block, people, calendar, sent)
    baskets = fill_baskets(world, block, people, life, catalogue)
    reactions = react(world, block, people, life, calendar, sent)
    clicks = clicks_of(world, sent, reactions)
    sessions = gather_sessions(world, block, people, life, baskets, clicks)
    export_shop_customers(world, block, people, output, truth)
    export_contacts(world, block, people, output, truth)
    export_companies(world, block, people, output)
    export_profiles(world, block, people, reach, output, truth)
    again = second_profiles(world, people, reach)
    export_orders(world, block, people, baskets, calendar, output, truth)
    export_lines(baskets, catalogue, output)
    export_refunds(world, block, baskets, output)
    names = [f"campaign-{one}" for one in calendar.ids()]
    export_web(world, block, people, sessions, baskets, catalogue, names, output, truth)
    export_bots(world, block, people, output, truth)
    true_devices(world, people, sessions, truth)
    export_touches(world, block, sessions, output)
    export_recipients(people, again, calendar, sent, output)
    export_email_events(world, block, people, again, calendar, sent, reactions, output)
    export_sms(world, block, people, calendar, sent, reactions, output)
    export_loyalty(world, block, people, baskets, output, truth)
    export_billing(world, block, people, life, output, truth)
    export_tickets(world, block, people, life, baskets, catalogue, output, truth)
    export_reviews(world, block, people, life, baskets, catalogue, output)
    export_consents(world, block, people, reach, output, truth)
    export_people(people, life, world.start, world.days, output)
    value = expected_order_value(people, baskets, catalogue)
    export_effects(people, life, calendar, sent, value, output)
    truth.write(output)


def _export_rates(world: World, output: Output) -> None:
    """What a pound was worth in euros each day: a slow wave; Sundays are missing."""
    day = np.arange(-900, world.days)
    day = day[(day + world.start + 3) % 7 != 6]
    rate = np.round(1.155 + 0.03 * np.sin(day / 90), 5)
    one = np.concatenate([np.zeros(len(day), int), np.ones(len(day), int)])
    output.write(
        "fx_rates",
        {
            "rate_date": dates(np.concatenate([day, day]) + world.start),
            "currency": choose(["EUR", "GBP"], one),
            "rate": choose([f"{value:.5f}" for value in [1.0, *rate]],
                           np.concatenate([np.zeros(len(day), int), np.arange(len(day)) + 1])),
        },
    )  # fmt: skip
