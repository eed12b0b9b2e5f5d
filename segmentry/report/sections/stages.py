"""Lifecycle stages: every customer is in one."""

import pandas as pd

from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import NO_VALUE, count, listing, percent
from segmentry.report.charts import figures as charts
from segmentry.report.page import Page, Section

PAGE = "customers"
LABEL = "Lifecycle"
TITLE = "Lifecycle stages"

STAGES = """
    select c.lifecycle_stage, count(*) as customer_count,
        sum(coalesce(f.spend_91d_amount, 0)) as spend
    from segments.customer_360 as c
    left join features.customer_features as f using (customer_id, as_of_date)
    where c.as_of_date = cast($as_of as date) and c.lifecycle_stage is not null
    group by c.lifecycle_stage order by c.lifecycle_stage
"""

STAGE_WORDS = {
    "new": "first order in the last 91 days",
    "active": "buys as usual",
    "loyal": "with us for half a year, among the most frequent",
    "cooling": "spend of the last 91 days below half of the 91 days before",
    "at_risk": "without an order for longer than the customer's own rhythm explains",
    "lapsed": "without an order for a year, or for three times as long as makes a customer at risk",
    "prospect": "known by name or address, has never ordered",
    "visitor": "seen only anonymously, has never ordered",
}


def section(page: Page) -> Section:
    """Customers and spend by stage, and what each stage means."""
    frame = page.read(STAGES).set_index("lifecycle_stage")
    order = in_order(frame.index)
    if not order:
        return {"empty": "No customer has a lifecycle stage yet."}
    people, spend = frame["customer_count"].sum(), float(frame["spend"].sum())
    bars = pd.DataFrame(
        [
            {
                "name": humanise(stage),
                "colour": "var(--c1)",
                "left": row.customer_count,
                "left_text": f"{count(row.customer_count)} · "
                f"{percent(row.customer_count / people)}",
                "right": row.spend / spend if spend > 0 else 0,
                "right_text": percent(row.spend / spend) if spend > 0 else NO_VALUE,
            }
            for stage, row in ((stage, frame.loc[stage]) for stage in order)
        ]
    )
    figure = page.draw.responsive(
        lambda width: charts.paired_bars(bars, width, ("Customers", "Share of spend, 91 days")),
        "Customers and share of spend by lifecycle stage: "
        + listing(f"{row['name']} {row['left_text']}" for _, row in bars.iterrows()),
    )
    return {
        "lead": "Every customer is in exactly one stage.",
        "figure": figure,
        "meanings": [
            (humanise(stage), STAGE_WORDS[stage]) for stage in order if stage in STAGE_WORDS
        ],
    }


def in_order(stages: "pd.Index[str] | set[str]") -> list[str]:
    """Stages from new to lapsed, then those who never ordered, then any other by name."""
    return [*(s for s in STAGE_WORDS if s in stages), *sorted(set(stages) - set(STAGE_WORDS))]
