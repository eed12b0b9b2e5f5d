"""Targets -> label SQL: what each customer did in the horizon, by the identity map at its end."""

from ml.targets import Target

# What a label expression may name: aggregates of the window [as_of_date, as_of_date + horizon).
WINDOW_COLUMNS = {
    "order_count": "double",
    "spend_amount": "double",
}


def label_sql(target: Target, dates: str, population: str, newest: str) -> str:
    """Labels of one target at every mature date of `dates`.

    `dates` is a relation with as_of_date, `newest` a SQL date: a window that ends after it is not
    mature and gives no row. `population` is the relation of features. A customer of D is followed
    through the identity map to the end of the window, so that a later merge is counted once.
    The text is portable SQL: customer_id, as_of_date, target, label, matured_on.
    """
    end = f"d.as_of_date + interval '{target.horizon_days}' day"
    where = f"where {target.population}" if target.population else ""
    return f"""
with origins as (
    select d.as_of_date, cast({end} as date) as matured_on
    from {dates} as d
    where {end} <= {newest}
),
members as (
    select p.customer_id, o.as_of_date, o.matured_on
    from {population} as p
    inner join origins as o on o.as_of_date = p.as_of_date
    {where}
),
nodes as (
    select distinct m.customer_id, m.as_of_date, m.matured_on, later.identity_id
    from members as m
    inner join identity.customer_identities as own
        on own.customer_id = m.customer_id
        and own.valid_from < m.as_of_date
        and (own.valid_to is null or own.valid_to >= m.as_of_date)
    inner join identity.customer_identities as moved
        on moved.identity_id = own.identity_id
        and (moved.valid_to is null or moved.valid_to >= m.matured_on)
        and moved.valid_from < m.matured_on
    inner join identity.customer_identities as later
        on later.customer_id = moved.customer_id
        and (later.valid_to is null or later.valid_to >= m.matured_on)
        and later.valid_from < m.matured_on
),
windows as (
    select n.customer_id, n.as_of_date,
        count(case when not o.is_return then o.order_id end) as order_count,
        sum(o.order_amount) as spend_amount
    from nodes as n
    inner join core.fct_orders as o
        on o.identity_id = n.identity_id
        and o.ordered_at >= n.as_of_date
        and o.ordered_at < n.matured_on
        and (o.cancelled_at is null or o.cancelled_at >= n.matured_on)
    group by n.customer_id, n.as_of_date
),
filled as (
    select m.customer_id, m.as_of_date, m.matured_on,
        cast(coalesce(w.order_count, 0) as double) as order_count,
        cast(coalesce(w.spend_amount, 0) as double) as spend_amount
    from members as m
    left join windows as w
        on w.customer_id = m.customer_id and w.as_of_date = m.as_of_date
)
select customer_id, as_of_date, '{target.name}' as target,
    cast({target.label} as double) as label, matured_on
from filled
"""
