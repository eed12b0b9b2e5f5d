with transactions as (
    select * from {{ source('raw', 'complete_journey__transactions') }}
),

current_lines as (
    select * from transactions
    where {{ is_newest_version(source('raw', 'complete_journey__transactions'), 'transactions', ['basket_id', 'product_id']) }}
),

-- A basket is one household's, at one till, at one moment: the smallest value is the only one.
final as (
    select
        cast(basket_id as varchar) as order_id,
        cast(min(household_id) as varchar) as source_customer_id,
        min(transaction_timestamp) as ordered_at,
        cast(sum(cast(sales_value as decimal(18, 4))) as decimal(18, 4)) as order_amount,
        cast(null as varchar) as original_order_id,
        cast(
            sum(cast(coalesce(retail_disc, 0) as decimal(18, 4)))
            + sum(cast(coalesce(coupon_disc, 0) as decimal(18, 4)))
            + sum(cast(coalesce(coupon_match_disc, 0) as decimal(18, 4))) as decimal(18, 4)
        ) as discount_amount,
        'USD' as currency,
        'store' as channel,
        cast(min(store_id) as varchar) as store_id,
        -- The files say that a coupon was used, not which one.
        case when max(coupon_disc) > 0 then 'unrecorded' end as coupon_code,
        cast(null as varchar) as campaign_id,
        cast(null as timestamp) as cancelled_at
    from current_lines
    group by basket_id
)

select * from final
