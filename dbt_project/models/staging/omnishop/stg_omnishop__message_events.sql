with emails as (
    select
        'email:' || id as event_id,
        datetime as occurred_at,
        'email' as channel,
        {{ in_our_words('metric', omnishop_words('email')) }} as event_type,
        {{ text_or_null('message_id') }} as message_id,
        {{ text_or_null('campaign_id') }} as campaign_id,
        {{ text_or_null('variation') }} as variant,
        'email:' || profile_id as source_customer_id,
        {{ text_or_null('email') }} as email,
        cast(null as varchar) as phone,
        {{ limited_text('subject') }} as subject
    from {{ source('raw', 'omnishop__email_events') }} as events
    where {{ is_newest_version(source('raw', 'omnishop__email_events'), 'events', ['id']) }}
),

texts as (
    select
        'sms:' || sid || ':' || status as event_id,
        date_updated as occurred_at,
        'sms' as channel,
        {{ in_our_words('status', omnishop_words('sms')) }} as event_type,
        sid as message_id,
        {{ text_or_null('campaign_id') }} as campaign_id,
        cast(null as varchar) as variant,
        cast(null as varchar) as source_customer_id,
        cast(null as varchar) as email,
        {{ text_or_null('to_number') }} as phone,
        cast(null as varchar) as subject
    from {{ source('raw', 'omnishop__sms_messages') }} as messages
    where {{ is_newest_version(source('raw', 'omnishop__sms_messages'), 'messages', ['sid', 'status']) }}
),

final as (
    select * from emails
    where event_type is not null
    union all
    select * from texts
    where event_type is not null
)

select * from final
