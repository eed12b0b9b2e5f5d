"""Channels: who is known and who responds in each, and what people allow."""

from typing import Any

import pandas as pd

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import NO_VALUE, count, listing, missing, percent, plural
from segmentry.project.vocabulary import consent_columns
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section, records

PAGE = "customers"
LABEL = "Channels"
TITLE = "Channels"

# A channel, what it counts, how people respond there, the activity of a customer, and how often
# they responded; null where nobody could.
CHANNELS = """
    with uses as (
        select unnest([
            {'channel': 'Orders', 'unit': 'orders', 'how': '',
             'activity': orders_91d_count, 'responses': null},
            {'channel': 'Site and app', 'unit': 'visits', 'how': 'filled a cart',
             'activity': sessions_91d_count, 'responses': cart_adds_91d_count},
            {'channel': 'E-mail', 'unit': 'messages', 'how': 'clicked',
             'activity': email_sent_91d_count, 'responses': email_clicked_91d_count},
            {'channel': 'SMS', 'unit': 'messages', 'how': 'clicked',
             'activity': sms_sent_91d_count, 'responses': sms_clicked_91d_count},
            {'channel': 'Push', 'unit': 'messages', 'how': 'clicked',
             'activity': push_sent_91d_count, 'responses': push_clicked_91d_count},
            {'channel': 'Advertising', 'unit': 'touches', 'how': 'clicked',
             'activity': ad_touches_91d_count, 'responses': ad_clicks_91d_count},
            {'channel': 'Offers', 'unit': 'offers', 'how': 'redeemed',
             'activity': offers_364d_count, 'responses': coupon_redemptions_364d_count},
            {'channel': 'Support', 'unit': 'tickets', 'how': '',
             'activity': support_tickets_91d_count, 'responses': null},
            {'channel': 'Reviews', 'unit': 'reviews', 'how': '',
             'activity': reviews_364d_count, 'responses': null},
            {'channel': 'Loyalty', 'unit': 'members', 'how': 'redeemed',
             'activity': is_loyalty_member, 'responses': loyalty_points_redeemed_91d_count},
            {'channel': 'Subscriptions', 'unit': 'subscriptions', 'how': '',
             'activity': active_subscriptions_count, 'responses': null}
        ], recursive := true)
        from features.customer_features where as_of_date = cast($as_of as date))
    select channel, unit, how, count(*) as customer_count, sum(activity) as activity_count,
        case when how <> '' then avg(case when responses > 0 then 1.0 else 0.0 end) end
            as response_rate
    from uses where activity > 0
    group by channel, unit, how order by customer_count desc, channel
"""
CUSTOMERS = """
    select count(*) as customer_count from features.customer_features
    where as_of_date = cast($as_of as date)
"""


def section(page: Page) -> Section:
    """Who is known and who responds, by channel; what they allow."""
    used = page.read(CHANNELS)
    total = int(page.read(CUSTOMERS)["customer_count"].iloc[0])
    if used.empty:
        return {"empty": "Nothing is known of any channel yet."}
    tables = [
        {
            "label": "Table of channels",
            "columns": ["Channel", "Customers", "Share", "In all"],
            "rows": [
                [
                    row.channel,
                    count(row.customer_count),
                    percent(row.customer_count / total),
                    f"{count(row.activity_count)} {row.unit}",
                ]
                for row in records(used)
            ],
        }
    ]
    consents = _consents(page)
    if consents:
        tables.append(
            {
                "label": "Table of consents",
                "heading": "What people allow",
                "columns": ["Purpose", "Allowed", "Refused", "Never asked"],
                "rows": consents,
            }
        )
    return {
        "lead": f"{plural(total, 'customer')}, seen through {plural(len(used), 'channel')}.",
        "figure": _figure(used, total, page),
        "tables": tables,
    }


def _figure(used: pd.DataFrame, total: int, page: Page) -> Any:
    bars = pd.DataFrame(
        [
            {
                "name": row.channel,
                "colour": "var(--c1)",
                "left": row.customer_count,
                "left_text": f"{count(row.customer_count)} · {percent(row.customer_count / total)}",
                "right": 0 if missing(row.response_rate) else row.response_rate,
                "right_text": NO_VALUE
                if missing(row.response_rate)
                else f"{percent(row.response_rate)} {row.how}",
            }
            for row in records(used)
        ]
    )
    return page.draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Of these, who responded")),
        "Customers and response by channel: "
        + listing(f"{row['name']} {row['left_text']}" for _, row in bars.iterrows()),
        "What happened in the 91 days before the date; offers and reviews in 364 days, memberships "
        "and subscriptions on the date. Visitors who never gave a name are customers too.",
    )


def _consents(page: Page) -> list[list[str]]:
    """Purpose, allowed, refused, never asked; empty when no decision is known."""
    rows = []
    for column in sorted(consent_columns()):
        counted = page.read(
            f"select count(*) as customer_count, count(*) filter ({column} = 1) as granted_count, "
            f"count(*) filter ({column} = 0) as denied_count "
            "from features.customer_features where as_of_date = cast($as_of as date)"
        ).iloc[0]
        granted, denied = counted["granted_count"], counted["denied_count"]
        if granted or denied:
            never = counted["customer_count"] - granted - denied
            name = humanise(column.removesuffix("_consent"))
            rows.append([name, count(granted), count(denied), count(never)])
    return rows
