with ad_touches as (
    select * from {{ source('raw', 'standard__ad_touches') }}
),

final as (
    select
        touch_id,
        occurred_at,
        platform,
        touch_type,
        campaign_id,
        anonymous_id,
        cost_amount,
        currency
    from ad_touches
    where {{ is_newest_version(source('raw', 'standard__ad_touches'), 'ad_touches', ['touch_id']) }}
)

select * from final
