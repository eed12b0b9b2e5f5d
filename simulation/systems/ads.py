"""Ad servers' logs: impressions and clicks by cookie."""

import numpy as np
import pyarrow as pa

from simulation.columns import DAY, blank, choose, dates, digits, hex_ids, times
from simulation.output import Output
from simulation.people import World
from simulation.sessions import APP, Sessions, anonymous_ids

PLATFORMS = ["google", "meta", "tiktok"]
CAMPAIGNS = 24


def export_ad_campaigns(world: World, output: Output) -> None:
    """Two years of campaigns, each four weeks long, over three platforms."""
    number = np.arange(CAMPAIGNS)
    begins = world.start + number * max(7, world.days // CAMPAIGNS)
    output.write(
        "ads_campaigns",
        {
            "campaign_id": digits(880_000 + number),
            "campaign_name": choose([f"Always on {n}" for n in number], number),
            "platform": choose(PLATFORMS, number % 3),
            "start_date": dates(begins),
            "end_date": dates(begins + 28),
            "budget_amount": digits(2000 + 500 * (number % 5)),
            "currency": choose(["EUR", "GBP"], (number % 6 == 5).astype(int)),
        },
    )


def export_touches(world: World, block: int, sessions: Sessions, output: Output) -> None:
    """About one impression for each session on the site, on the same browser, days around it."""
    rng = world.rng(block, "ads")
    at = np.repeat(np.arange(len(sessions)), rng.poisson(0.7, len(sessions)))
    at = at[sessions.slot[at] != APP]
    second = sessions.second[at] - rng.integers(-5 * DAY, 5 * DAY, len(at))
    inside = (second >= world.start * DAY) & (second < (world.start + world.days) * DAY)
    at, second = at[inside], second[inside]
    is_click = rng.random(len(at)) < 0.06
    running = np.minimum(
        (second // DAY - world.start) // max(7, world.days // CAMPAIGNS), CAMPAIGNS - 1
    )
    unknown = rng.random(len(at)) < 0.002
    cost = np.where(is_click, rng.uniform(0.2, 0.9, len(at)), 0.004)
    output.write(
        "ads_touches",
        {
            "event_id": hex_ids(block * 1_000_000_000 + np.arange(len(at)), 71),
            "event_time": times(second),
            "event_type": choose(["impression", "click"], is_click.astype(int)),
            "advertiser_platform": choose(PLATFORMS, running % 3),
            "campaign_id": blank(unknown, digits(880_000 + running)),
            "user_id": anonymous_ids(sessions.device[at], world.seed),
            "media_cost": pa.array(np.round(cost, 4)),
            "currency": choose(["EUR", "GBP"], (running % 6 == 5).astype(int)),
        },
    )
