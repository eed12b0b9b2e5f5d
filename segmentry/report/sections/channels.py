"""Channels and identity: through what people are known and reached, and how they were found."""

import pandas as pd

from segmentry.report import words
from segmentry.report.charts import figures as charts
from segmentry.report.read import Frames, records
from segmentry.report.sections.segments import Section
from segmentry.report.theme import Renderer
from segmentry.report.words import count, percent

PURPOSES = {"email": "E-mail", "sms": "SMS", "push": "Push", "ads": "Ads", "profiling": "Profiling"}
AUDIT_WORDS = {
    "identifiers": "Identifiers that name somebody",
    "customers": "Customers they were resolved to",
    "customer_identifiers_p50": "Identifiers of a customer, median",
    "customer_identifiers_p99": "Identifiers of a customer, 99th percentile",
    "customer_identifiers_p999": "Identifiers of a customer, 99.9th percentile",
    "customer_identifiers_max": "Identifiers of the largest customer",
    "emails_per_customer_p99": "E-mail addresses of a customer, 99th percentile",
    "emails_per_customer_max": "E-mail addresses of a customer, most",
    "records_per_customer_p99": "Records of a customer, 99th percentile",
    "records_per_customer_max": "Records of a customer, most",
    "edges_accepted": "Links that were followed",
    "edges_rejected": "Links that were not followed",
    "edges_manual": "Links that a person set or cut",
    "review_candidates": "Likely pairs that a person should look at",
    "blocked_identifiers": "Values that name nobody (anonymous, zeros, no-reply)",
    "blocked_hits": "Times that such a value was met",
    "size_hits": "Links refused because a customer would grow too large",
    "bridges": "Links on which alone a larger customer hangs together",
    "customer_merges": "Customers merged into an older one",
    "customer_splits": "Customers parted again",
}


def channels(frames: Frames, draw: Renderer) -> Section:
    """Who is known and who responds, by channel; what they allow."""
    total = _customer_count(frames)
    used = frames.channels[frames.channels["customer_count"].fillna(0) > 0]
    if used.empty or total == 0:
        return {"empty": "Nothing is known of any channel yet."}
    bars = pd.DataFrame(
        [
            {
                "name": row.channel,
                "colour": "var(--c1)",
                "left": row.customer_count,
                "left_text": f"{count(row.customer_count)} · {percent(row.customer_count / total)}",
                "right": 0 if words.missing(row.response_rate) else row.response_rate,
                "right_text": "–"
                if words.missing(row.response_rate)
                else f"{percent(row.response_rate)} {row.response}",
            }
            for row in records(used)
        ]
    )
    figure = draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Of these, who responded")),
        "Customers and response by channel: "
        + words.listing(f"{row['name']} {row['left_text']}" for _, row in bars.iterrows()),
        "What happened in the 91 days before the date; offers and reviews in 364, memberships and "
        "subscriptions on the date. Visitors who never gave a name are customers too.",
    )
    return {
        "lead": f"{words.plural(total, 'customer')}, seen through "
        f"{words.plural(len(used), 'channel')}.",
        "figure": figure,
        "columns": ["Channel", "Customers", "Share", "In all"],
        "rows": [
            [
                row.channel,
                count(row.customer_count),
                percent(row.customer_count / total),
                f"{count(row.activity_count)} {row.activity}",
            ]
            for row in records(used)
        ],
        "consents": _consents(frames),
    }


def _customer_count(frames: Frames) -> int:
    """How many customers the mart has at the newest date."""
    return int(frames.consents["customer_count"].max()) if not frames.consents.empty else 0


def _consents(frames: Frames) -> list[list[str]]:
    """Purpose, allowed, refused, never asked; empty when no decision is known."""
    asked = frames.consents[frames.consents[["granted_count", "denied_count"]].sum(axis=1) > 0]
    return [
        [
            PURPOSES[row.purpose],
            count(row.granted_count),
            count(row.denied_count),
            count(row.customer_count - row.granted_count - row.denied_count),
        ]
        for row in records(asked)
    ]


def identity(frames: Frames) -> Section:
    """How identifiers became people: the audit, in words."""
    found = {row.metric: row.value for row in records(frames.identity)}
    if not found:
        return {"empty": "No identifier has been resolved yet."}
    people = max(found.get("customers", 0), 1)
    lead = (
        f"{words.plural(int(found.get('identifiers', 0)), 'identifier')} were resolved to "
        f"{words.plural(int(people), 'customer')}; the largest has "
        f"{count(found.get('customer_identifiers_max', 0))}."
    )
    limits = [
        [f"Links refused by a limit or a contradiction: {words.humanise(name[11:])}", count(value)]
        for name, value in found.items()
        if name.startswith("limit_hits_")
    ]
    rows = [[text, count(found[name])] for name, text in AUDIT_WORDS.items() if name in found]
    return {"lead": lead, "rows": [*rows, *limits], "columns": ["What", "Number"]}
