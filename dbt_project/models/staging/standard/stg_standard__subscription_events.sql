with subscription_events as (
    select * from {{ source('raw', 'standard__subscription_events') }}
),

final as (
    select
        subscription_id,
        occurred_at,
        event_type,
        plan,
        monthly_amount,
        next_renewal_at
    from subscription_events
    where {{ is_newest_version(source('raw', 'standard__subscription_events'), 'subscription_events', ['subscription_id', 'occurred_at', 'event_type']) }}
)

select * from final
