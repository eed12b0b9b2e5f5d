with orders as (
    select * from {{ ref('stg_omnishop__orders') }}
),

final as (
    select
        order_id as redemption_id,
        ordered_at as redeemed_at,
        source_customer_id,
        coupon_code,
        campaign_id
    from orders
    where coupon_code is not null
)

select * from final
