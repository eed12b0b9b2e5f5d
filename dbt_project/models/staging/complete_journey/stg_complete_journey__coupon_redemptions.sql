with redemptions as (
    select * from {{ source('raw', 'complete_journey__coupon_redemptions') }}
),

final as (
    select
        cast(household_id as varchar) || '/' || cast(coupon_upc as varchar) || '/'
        || cast(campaign_id as varchar) || '/' || cast(cast(redemption_date as date) as varchar)
            as redemption_id,
        cast(redemption_date as timestamp) as redeemed_at,
        cast(household_id as varchar) as source_customer_id,
        cast(coupon_upc as varchar) as coupon_code,
        cast(campaign_id as varchar) as campaign_id
    from redemptions
    where {{ is_newest_version(source('raw', 'complete_journey__coupon_redemptions'), 'redemptions', ['household_id', 'coupon_upc', 'campaign_id', 'redemption_date']) }}
)

select * from final
