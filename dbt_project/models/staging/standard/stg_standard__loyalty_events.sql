with loyalty_events as (
    select * from {{ source('raw', 'standard__loyalty_events') }}
),

final as (
    select
        event_id,
        occurred_at,
        loyalty_id,
        event_type,
        points,
        tier
    from loyalty_events
    where {{ is_newest_version(source('raw', 'standard__loyalty_events'), 'loyalty_events', ['event_id']) }}
)

select * from final
