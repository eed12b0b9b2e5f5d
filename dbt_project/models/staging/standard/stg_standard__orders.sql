with orders as (
    select * from {{ source('raw', 'standard__orders') }}
),

final as (
    select
        order_id,
        source_customer_id,
        ordered_at,
        order_amount,
        original_order_id,
        discount_amount,
        currency,
        channel,
        store_id,
        coupon_code,
        campaign_id,
        cancelled_at
    from orders
    where {{ is_newest_version(source('raw', 'standard__orders'), 'orders', ['order_id']) }}
)

select * from final
