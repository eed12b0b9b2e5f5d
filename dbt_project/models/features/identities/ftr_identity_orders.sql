with orders as (
    select * from {{ ref('fct_orders') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

final as (
    select
        orders.order_id,
        keys.identity_key,
        orders.order_date,
        cast(orders.cancelled_at as date) as cancelled_date,
        cast(extract(hour from orders.ordered_at) as smallint) as order_hour,
        orders.is_return,
        orders.has_coupon,
        orders.order_amount,
        orders.discount_amount,
        orders.exchange_rate
    from orders
    inner join keys
        on keys.identity_id = orders.identity_id
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
