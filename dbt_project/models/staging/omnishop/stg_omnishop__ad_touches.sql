with touches as (
    select
        event_id as touch_id,
        event_time as occurred_at,
        lower(trim(advertiser_platform)) as platform,
        {{ in_our_words('event_type', omnishop_words('ad')) }} as touch_type,
        {{ text_or_null('campaign_id') }} as campaign_id,
        {{ text_or_null('user_id') }} as anonymous_id,
        media_cost as cost_amount,
        upper({{ text_or_null('currency') }}) as currency
    from {{ source('raw', 'omnishop__ads_touches') }} as touches
    where {{ is_newest_version(source('raw', 'omnishop__ads_touches'), 'touches', ['event_id']) }}
),

final as (
    select * from touches
    where touch_type is not null
)

select * from final
