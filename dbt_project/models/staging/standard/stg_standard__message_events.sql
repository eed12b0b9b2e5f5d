with message_events as (
    select * from {{ source('raw', 'standard__message_events') }}
),

final as (
    select
        event_id,
        occurred_at,
        channel,
        event_type,
        message_id,
        campaign_id,
        variant,
        source_customer_id,
        email,
        phone,
        subject
    from message_events
    where {{ is_newest_version(source('raw', 'standard__message_events'), 'message_events', ['event_id']) }}
)

select * from final
