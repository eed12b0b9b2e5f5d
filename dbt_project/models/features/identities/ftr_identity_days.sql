-- Counts are doubles, which are exact for whole numbers and the fastest to sum.
with orders as (
    select
        identity_key,
        order_date,
        cancelled_date,
        cast(sum(case when is_return then 0 else 1 end) as double) as order_count,
        cast(sum(case when is_return then 1 else 0 end) as double) as return_count,
        cast(sum(case when has_coupon and not is_return then 1 else 0 end) as double) as coupon_order_count,
        cast(sum(order_amount) as decimal(18, 4)) as spend_amount,
        cast(sum(discount_amount) as decimal(18, 4)) as discount_amount
    from {{ ref('ftr_identity_orders') }}
    group by identity_key, order_date, cancelled_date
),

lines as (
    select
        identity_key,
        order_date,
        cancelled_date,
        cast(sum(case when is_return then 0 else 1 end) as double) as line_count,
        sum(unit_count) as unit_count,
        min(case when category_code is not null then coalesce(described_date, order_date) end)
            as category_known_date
    from {{ ref('ftr_identity_lines') }}
    group by identity_key, order_date, cancelled_date
),

-- Only for orders that were never cancelled: the days since the order day before, and what the
-- calendar week adds to the sum of squares, noted on the week's first day. Where a cancellation is
-- still to come, or identities are merged, ftr_customer_rhythm computes them from the days.
gaps as (
    select
        identity_key,
        order_date,
        {{ days_between('lag(order_date) over (partition by identity_key order by order_date)', 'order_date') }}
            as gap_days
    from orders
    where cancelled_date is null and order_count > 0
),

weeks as (
    select
        identity_key,
        min(order_date) as order_date,
        cast(max(case when order_count > 0 then 1 else 0 end) as double) as active_week_count,
        {{ squared('sum(spend_amount)') }} as week_square
    from orders
    where cancelled_date is null
    group by identity_key, {{ week_start('order_date') }}
),

final as (
    select
        orders.identity_key,
        orders.order_date,
        orders.cancelled_date,
        orders.order_count,
        orders.return_count,
        orders.coupon_order_count,
        orders.spend_amount,
        orders.discount_amount,
        cast(orders.spend_amount as double) * power(2, {{ decay_exponent('orders.order_date') }})
            as decayed_amount,
        lines.line_count,
        lines.unit_count,
        lines.category_known_date,
        gaps.gap_days,
        gaps.gap_days * gaps.gap_days as gap_square,
        weeks.active_week_count,
        weeks.week_square
    from orders
    left join lines
        on lines.identity_key = orders.identity_key
        and lines.order_date = orders.order_date
        and lines.cancelled_date is not distinct from orders.cancelled_date
    left join gaps
        on gaps.identity_key = orders.identity_key
        and gaps.order_date = orders.order_date
        and orders.cancelled_date is null
    left join weeks
        on weeks.identity_key = orders.identity_key
        and weeks.order_date = orders.order_date
        and orders.cancelled_date is null
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
