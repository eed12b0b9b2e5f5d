with coupon_redemptions as (
    select * from {{ source('raw', 'standard__coupon_redemptions') }}
),

final as (
    select
        redemption_id,
        redeemed_at,
        source_customer_id,
        coupon_code,
        campaign_id
    from coupon_redemptions
    where {{ is_newest_version(source('raw', 'standard__coupon_redemptions'), 'coupon_redemptions', ['redemption_id']) }}
)

select * from final
