with coupon_redemptions as (
    select * from {{ ref('stg_all__coupon_redemptions') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

final as (
    select
        coupon_redemptions.redemption_id,
        identities.identity_id,
        coupon_redemptions.source_system,
        coupon_redemptions.redeemed_at,
        coupon_redemptions.coupon_code,
        coupon_redemptions.campaign_id
    from coupon_redemptions
    inner join identities
        on identities.source_system = coupon_redemptions.source_system
        and identities.identifier = coupon_redemptions.source_customer_id
)

select * from final
