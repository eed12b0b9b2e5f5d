"""Reads who bought and viewed what, as known at a date, for ml/affinity.

What is known at D counts: lines of orders placed and not cancelled before it, less what was
returned before it, under the identities valid at it, and a product's category if that was
described before it.
"""

import datetime
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from ml.next_products.histories import History, make_history
from ml.next_products.rankers import Level

LEVELS = ("product", "category")
# Customers that items are learned from and counted over; ids are keyed hashes, so that the first
# ones are a random sample.
LEARNING_CUSTOMERS = 50_000
# A year before the oldest date that is judged.
HISTORY_DAYS, VIEWED_DAYS = 448, 91
_EVENTS = """
create or replace temp table affinity_events as
with nodes as (
    select identity_id, customer_id from identity.customer_identities
    where valid_from < $as_of and (valid_to is null or valid_to >= $as_of)
),
returned as (
    select orders.original_order_id as order_id, lines.product_id, -sum(lines.quantity) as quantity
    from core.fct_order_lines as lines
    inner join core.fct_orders as orders on orders.order_id = lines.order_id
    where lines.is_return and lines.ordered_at < $as_of and orders.original_order_id is not null
        and (lines.cancelled_at is null or lines.cancelled_at >= $as_of)
    group by all
),
bought as (
    select lines.identity_id, cast(lines.ordered_at as date) as event_date, lines.product_id
    from core.fct_order_lines as lines
    left join returned using (order_id, product_id)
    where not lines.is_return and lines.product_id is not null
        and lines.ordered_at >= $since and lines.ordered_at < $as_of
        and (lines.cancelled_at is null or lines.cancelled_at >= $as_of)
    group by lines.order_id, lines.identity_id, lines.ordered_at, lines.product_id
    having sum(lines.quantity) > coalesce(any_value(returned.quantity), 0)
),
events as (
    select true as is_purchase, identity_id, event_date, product_id from bought
    union all
    select false, identity_id, event_date, product_id from core.fct_product_views
    where event_date >= $viewed_since and event_date < $as_of
)
select nodes.customer_id, events.is_purchase, events.event_date, events.product_id
from events
inner join nodes using (identity_id)
"""
# Buyers first, then everybody else: each in the order of their ids.
_CUSTOMERS = """
create or replace temp table affinity_customers as
with buyers as (select distinct customer_id from affinity_events where is_purchase),
viewers as (select distinct customer_id from affinity_events where not is_purchase)
select mart.customer_id, buyers.customer_id is not null as is_buyer,
    viewers.customer_id is not null as is_viewer,
    row_number() over (order by
        is_buyer desc, is_viewer and not is_buyer desc, mart.customer_id) - 1 as customer
from features.customer_features as mart
left join buyers using (customer_id)
left join viewers using (customer_id)
where mart.as_of_date = $as_of
"""
_PRODUCTS = """
create or replace temp table affinity_products as
select seen.product_id, products.launched_at,
    case when products.updated_at >= $as_of then null else products.category end as category
from (select distinct product_id from affinity_events) as seen
left join core.dim_products as products using (product_id)
"""
_ITEMS = {
    "product": """
        select product_id as name, product_id, category, launched_at,
            row_number() over (order by product_id) - 1 as item
        from affinity_products""",
    "category": """
        select category as name, null as product_id, category, null::timestamp as launched_at,
            row_number() over (order by category) - 1 as item
        from affinity_products where category is not null group by category""",
}
_ROWS = """
create or replace temp table affinity_{level}_rows as
select customers.customer, items.item, events.is_purchase,
    datediff('day', date '1970-01-01', events.event_date) as day
from affinity_events as events
inner join affinity_customers as customers using (customer_id)
inner join affinity_products as products using (product_id)
inner join affinity_{level}_items as items on items.name = products.{key}
group by all
order by customers.customer
"""
_SELECT = """
    select customer - $first as customer, item, day from affinity_{level}_rows
    where customer >= $first and customer < $end and is_purchase = $is_purchase
"""


@dataclass(frozen=True)
class Reader:
    """The temporary tables of one date, in an open connection."""

    connection: duckdb.DuckDBPyConnection
    day: int
    buyer_count: int
    viewer_count: int
    customer_count: int

    def level(self, name: str, first: int, end: int) -> Level:
        """Customers `first` to `end` - 1 at one level of items."""
        items = self.items(name)
        launched = pd.to_datetime(items["launched_at"]).to_numpy(dtype="datetime64[D]")
        days = np.where(np.isnat(launched), np.nan, launched.astype(np.int64).astype(float))
        count = len(items)
        bought, viewed = (self._history(name, first, end, kind, count) for kind in (True, False))
        return Level(bought, viewed, days)

    def learning(self, name: str) -> Level:
        """The customers that items are learned from and counted over."""
        return self.level(name, 0, min(self.buyer_count, LEARNING_CUSTOMERS))

    def items(self, name: str) -> pd.DataFrame:
        """name, product_id, category, launched_at by item code."""
        return self.connection.execute(f"from affinity_{name}_items order by item").df()

    def customer_ids(self, first: int, end: int) -> pd.Series:
        """Ids of customers by code."""
        sql = "select customer_id from affinity_customers where customer >= ? and customer < ?"
        return self.connection.execute(f"{sql} order by customer", [first, end]).df()["customer_id"]

    def _history(self, name: str, first: int, end: int, is_purchase: bool, count: int) -> History:
        sql = _SELECT.format(level=name)
        known = {"first": first, "end": end, "is_purchase": is_purchase}
        rows = self.connection.execute(sql, known).fetchnumpy()
        customer, item, day = (np.asarray(rows[n]) for n in ("customer", "item", "day"))
        return make_history(customer, item, day, end - first, count)


def open_date(connection: duckdb.DuckDBPyConnection, as_of: datetime.date) -> Reader:
    """Lay out what is known at `as_of`."""
    known = {
        "as_of": as_of,
        "since": as_of - datetime.timedelta(days=HISTORY_DAYS),
        "viewed_since": as_of - datetime.timedelta(days=VIEWED_DAYS),
    }
    connection.execute(_EVENTS, known)
    connection.execute(_CUSTOMERS, {"as_of": as_of})
    connection.execute(_PRODUCTS, {"as_of": as_of})
    for level, key in (("product", "product_id"), ("category", "category")):
        connection.execute(
            f"create or replace temp table affinity_{level}_items as {_ITEMS[level]}"
        )
        connection.execute(_ROWS.format(level=level, key=key))
    counts = connection.execute(
        "select count(*) filter (is_buyer), count(*) filter (is_viewer and not is_buyer), count(*) "
        "from affinity_customers"
    ).fetchone()
    day = (as_of - datetime.date(1970, 1, 1)).days
    return Reader(connection, day, *(counts or (0, 0, 0)))
