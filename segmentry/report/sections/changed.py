"""What changed since the date before, and what it is worth."""

from typing import Any

import pandas as pd

from data_contracts.wording.dates import day_words
from data_contracts.wording.names import humanise
from data_contracts.wording.numbers import count, listing, percent, plural, signed
from segmentry.report.charts import figures as charts
from segmentry.report.findings import ORDERS, trend
from segmentry.report.page import Page, Section, records
from segmentry.report.sections.segments import SEGMENTS, with_members

PAGE = "index"
LABEL = "What changed"
TITLE = "What changed"

# A whole calendar week each: a cut-off one would look like a fall.
WEEKS = """
    with sold as (
        select * from core.fct_orders
        where cancelled_at is null and ordered_at < cast($as_of as date))
    select cast(date_trunc('week', ordered_at) as date) as week, sum(order_amount) as spend
    from sold
    group by 1
    having week >= (select cast(min(ordered_at) as date) from sold)
        and week + interval 7 day <= cast($as_of as date)
    order by 1
"""
# Who changed stage since the date before, and what they spent in the year before now.
STAGE_MOVES = """
    with former as (
        select max(as_of_date) as since from segments.lifecycle_stages
        where as_of_date < cast($as_of as date))
    select n.lifecycle_stage as stage, count(*) as customer_count, (select since from former)
        as since, sum(coalesce(f.spend_364d_amount, 0)) as spend
    from segments.lifecycle_stages as n
    inner join segments.lifecycle_stages as b on b.customer_id = n.customer_id
        and b.as_of_date = (select since from former) and b.lifecycle_stage <> n.lifecycle_stage
    left join features.customer_features as f
        on f.customer_id = n.customer_id and f.as_of_date = n.as_of_date
    where n.as_of_date = cast($as_of as date) and n.lifecycle_stage in
        ('cooling', 'at_risk', 'lapsed', 'new', 'active', 'loyal')
    group by n.lifecycle_stage order by customer_count desc, stage
"""

LEAST_WEEKS = 4
SHOWN_WEEKS = 53
WORSE = ("cooling", "at_risk", "lapsed")


def section(page: Page) -> Section:
    """Sentences on revenue, stages and segments, and the spend of each week."""
    if page.as_of is None:
        return {"empty": "Nothing has been built yet."}
    sentences = [_revenue(page), *_stages(page), _segments(with_members(page.read(SEGMENTS)))]
    return {"sentences": [s for s in sentences if s], "figure": _weeks(page)}


def _revenue(page: Page) -> str:
    orders = page.read(ORDERS).iloc[0]
    now, before = float(orders["recent_spend"]), float(orders["former_spend"])
    change = trend(now, before, orders["first_date"], page)
    if not change:
        return ""
    customers = trend(
        float(orders["recent_customers"]),
        float(orders["former_customers"]),
        orders["first_date"],
        page,
    )
    return (
        f"Revenue of the last 91 days is {page.money(now)}, {change} on the 91 days before; the "
        f"number of customers who ordered changed by {customers}."
    )


def _stages(page: Page) -> list[str]:
    moves = page.read(STAGE_MOVES)
    if moves.empty:
        return []
    since = day_words(moves["since"].iloc[0])
    sentences = []
    for is_worse, verb in ((True, "fell back"), (False, "came forward")):
        part = moves[moves["stage"].isin(WORSE) == is_worse]
        if part.empty:
            continue
        stages = [
            f"{count(r.customer_count)} to {humanise(r.stage).lower()}" for r in records(part)
        ]
        sentences.append(
            f"Since {since}, {plural(part['customer_count'].sum(), 'customer')} {verb} "
            f"({listing(stages)}); they spent {page.money(part['spend'].sum())} in the last year."
        )
    return sentences


def _segments(segments: pd.DataFrame) -> str:
    frame = segments.dropna(subset=["previous_count"])
    # A new clustering moves many at once, whatever they did.
    frame = frame[frame["kind"] != "cluster"]
    if frame.empty:
        return ""
    change = frame["customer_count"] - frame["previous_count"]
    amounts = change.to_numpy()
    up, down = frame.iloc[int(amounts.argmax())], frame.iloc[int(amounts.argmin())]
    parts = [
        f"“{row['name']}” {verb} most ({signed(moved)}, {_relative(row, moved)})"
        for row, verb, moved, counts in (
            (up, "grew", change.max(), change.max() > 0),
            (down, "shrank", change.min(), change.min() < 0),
        )
        if counts
    ]
    if not parts:
        return "No segment changed its size."
    return f"Of the segments, {listing(parts)}."


def _relative(row: "pd.Series[Any]", moved: Any) -> str:
    before = row["previous_count"]
    return f"{percent(abs(moved) / before)} of its size" if before > 0 else "from nobody"


def _weeks(page: Page) -> Any:
    weeks = page.read(WEEKS).tail(SHOWN_WEEKS)
    if len(weeks) < LEAST_WEEKS:
        return None
    return page.draw.responsive(
        lambda width: charts.weekly_spend(weeks, width, page.currency),
        f"Revenue in each of {len(weeks)} whole weeks",
        f"Revenue in each whole week from {day_words(weeks['week'].iloc[0])}.",
    )
