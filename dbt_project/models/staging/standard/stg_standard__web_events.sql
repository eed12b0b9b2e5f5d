with web_events as (
    select * from {{ source('raw', 'standard__web_events') }}
),

final as (
    select
        event_id,
        occurred_at,
        event_type,
        anonymous_id,
        source_customer_id,
        device_id,
        session_id,
        page,
        product_id,
        search_query,
        scroll_depth,
        duration_seconds,
        device_type,
        region,
        utm_source,
        utm_medium,
        utm_campaign
    from web_events
    where {{ is_newest_version(source('raw', 'standard__web_events'), 'web_events', ['event_id']) }}
)

select * from final
