with keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

happened as (
    select
        identity_key,
        order_date,
        cancelled_date,
        0 as redemption_count,
        case when has_coupon or discount_amount > 0 then 1 else 0 end as discounted_count,
        case when has_coupon or discount_amount > 0 then 0 else 1 end as full_price_count,
        case when has_coupon or discount_amount > 0 then order_amount else 0 end as discounted_amount,
        case when has_coupon or discount_amount > 0 then 0 else order_amount end as full_price_amount
    from {{ ref('ftr_identity_orders') }}
    where not is_return

    union all

    select
        keys.identity_key,
        cast(redemptions.redeemed_at as date) as order_date,
        cast(null as date) as cancelled_date,
        1 as redemption_count,
        0 as discounted_count,
        0 as full_price_count,
        0 as discounted_amount,
        0 as full_price_amount
    from {{ ref('fct_coupon_redemptions') }} as redemptions
    inner join keys
        on keys.identity_id = redemptions.identity_id
),

-- What an identity bought with and without a discount on a day, and the coupons it redeemed.
final as (
    select
        identity_key,
        order_date,
        cancelled_date,
        cast(sum(redemption_count) as double) as redemption_count,
        cast(sum(discounted_count) as double) as discounted_count,
        cast(sum(full_price_count) as double) as full_price_count,
        cast(sum(discounted_amount) as decimal(18, 4)) as discounted_amount,
        cast(sum(full_price_amount) as decimal(18, 4)) as full_price_amount
    from happened
    group by identity_key, order_date, cancelled_date
)

select * from final
order by identity_key
