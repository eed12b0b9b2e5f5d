"""What a label may ask about the days after a date, and from which facts it is counted.

Every fact is a relation of (customer_id, as_of_date) and its columns, over `nodes`: the members,
their identities by the map at the end of the window, and one flag `for_<fact>` that leaves out
those of whom no label asks. Nothing that became known after the window's end is read.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class WindowColumn:
    """One name in a label. empty: its value for whom the fact has no row (SQL)."""

    fact: str
    expression: str
    description: str
    empty: str = "0"


# Columns of customers who did nothing are 0, save what has no value then.
WINDOW_COLUMNS: dict[str, WindowColumn] = {
    "order_count": WindowColumn(
        "orders", "count(case when not o.is_return then o.order_id end)", "orders placed"
    ),
    "spend_amount": WindowColumn("orders", "sum(o.order_amount)", "spending net of returns"),
    "coupon_order_count": WindowColumn(
        "orders",
        "count(case when o.has_coupon and not o.is_return then o.order_id end)",
        "orders with a coupon or discount code",
    ),
    "first_order_days": WindowColumn(
        "orders",
        "min(case when not o.is_return then {days} end)",
        "days until the first order, null without one",
        "null",
    ),
    "earlier_order_count": WindowColumn(
        "earlier",
        "count(o.order_id)",
        "orders before the date, of whoever the customer turned out to be",
    ),
    "category_order_count": WindowColumn(
        "categories",
        "count(case when o.category = {category} then o.order_id end)",
        "orders with something of the target's category",
    ),
    "coupon_redemption_count": WindowColumn(
        "coupons", "count(c.redemption_id)", "coupons redeemed"
    ),
    "subscription_count": WindowColumn(
        "subscriptions", "count(s.subscription_id)", "subscriptions held at the date"
    ),
    "cancelled_subscription_count": WindowColumn(
        "subscriptions",
        "count(case when s.is_cancelled then 1 end)",
        "of these, those that were cancelled",
    ),
    "unrenewed_subscription_count": WindowColumn(
        "subscriptions",
        "count(case when s.is_cancelled or s.is_unpaid then 1 end)",
        "of these, those that were cancelled, or fell due and were not renewed",
    ),
    "upgraded_subscription_count": WindowColumn(
        "subscriptions",
        "count(case when s.is_dearer then 1 end)",
        "of these, those on another plan at the end that costs more",
    ),
}
_WITHIN = "{alias}.{at} >= n.as_of_date and {alias}.{at} < n.matured_on"
_STANDS = "(o.cancelled_at is null or o.cancelled_at >= n.matured_on)"
FACTS: dict[str, str] = {
    "orders": f"""
    inner join core.fct_orders as o
        on o.identity_id = n.identity_id
        and {_WITHIN.format(alias="o", at="ordered_at")} and {_STANDS}""",
    "earlier": f"""
    inner join core.fct_orders as o
        on o.identity_id = n.identity_id
        and o.ordered_at < n.as_of_date and not o.is_return and {_STANDS}""",
    "categories": f"""
    inner join category_orders as o
        on o.identity_id = n.identity_id
        and {_WITHIN.format(alias="o", at="ordered_at")} and {_STANDS}
        and (o.told_at is null or o.told_at < n.matured_on)""",
    "coupons": f"""
    inner join core.fct_coupon_redemptions as c
        on c.identity_id = n.identity_id
        and {_WITHIN.format(alias="c", at="redeemed_at")}""",
    "subscriptions": """
    inner join held_subscriptions as s
        on s.customer_id = n.customer_id
        and s.as_of_date = n.as_of_date
        and s.identity_id = n.identity_id""",
}
# What some facts are prepared from. '{categories}' lists those that any label asks about.
CATEGORY_ORDERS = """
category_orders as (
    select l.order_id, l.identity_id, l.ordered_at, l.cancelled_at, p.category,
        min(p.updated_at) as told_at
    from core.fct_order_lines as l
    inner join core.dim_products as p on p.product_id = l.product_id
    where not l.is_return and p.category in ({categories})
    group by l.order_id, l.identity_id, l.ordered_at, l.cancelled_at, p.category
),
"""
# A change of a subscription holds until the next. What was held at the date is followed to the end
# of the window; an announced renewal that passed without one is as good as a cancellation.
HELD_SUBSCRIPTIONS = """
plan_changes as (
    select subscription_id, identity_id, started_at as changed_at,
        source_monthly_amount as price, plan
    from core.fct_subscriptions
    union all
    select subscription_id, identity_id, occurred_at, source_monthly_amount, plan
    from core.fct_subscription_events
    where source_monthly_amount is not null and plan is not null
),
plans as (
    select *,
        lead(changed_at) over (
            partition by subscription_id order by changed_at, price, plan
        ) as replaced_at
    from plan_changes
),
begun as (
    select n.customer_id, n.as_of_date, n.matured_on, n.identity_id, opening.subscription_id,
        opening.price, opening.plan, closing.price as last_price, closing.plan as last_plan
    from nodes as n
    inner join plans as opening
        on opening.identity_id = n.identity_id
        and opening.changed_at < n.as_of_date
        and (opening.replaced_at is null or opening.replaced_at >= n.as_of_date)
    inner join plans as closing
        on closing.subscription_id = opening.subscription_id
        and closing.changed_at < n.matured_on
        and (closing.replaced_at is null or closing.replaced_at >= n.matured_on)
    where n.for_subscriptions
),
followed as (
    select b.customer_id, b.as_of_date, b.matured_on, b.identity_id, b.subscription_id,
        max(b.last_price) as last_price, max(b.price) as price,
        max(case when b.last_plan <> b.plan then 1 else 0 end) as is_other_plan,
        max(case when e.event_type = 'cancelled' and e.occurred_at < b.as_of_date then 1 else 0 end)
            as was_cancelled,
        max(case when e.event_type = 'cancelled' then 1 else 0 end) as is_cancelled,
        max(case when e.event_type = 'renewed' then e.occurred_at end) as renewed_at,
        max(case when e.event_type = 'payment_failed' then e.occurred_at end) as failed_at,
        max(e.next_renewal_at) as due_at
    from begun as b
    left join core.fct_subscription_events as e
        on e.subscription_id = b.subscription_id and e.occurred_at < b.matured_on
    group by b.customer_id, b.as_of_date, b.matured_on, b.identity_id, b.subscription_id
),
held_subscriptions as (
    select customer_id, as_of_date, identity_id, subscription_id,
        is_cancelled = 1 as is_cancelled,
        coalesce(due_at < matured_on and (renewed_at is null or renewed_at < due_at), false)
        or coalesce(
            failed_at >= as_of_date and (renewed_at is null or renewed_at < failed_at), false
        ) as is_unpaid,
        is_other_plan = 1 and last_price > price as is_dearer
    from followed
    where was_cancelled = 0
),
"""
