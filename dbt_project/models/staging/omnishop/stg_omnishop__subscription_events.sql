with billing_events as (
    select
        id,
        subscription as subscription_id,
        created as occurred_at,
        {{ in_our_words('type', omnishop_words('billing')) }} as event_type,
        {{ text_or_null('plan') }} as plan,
        amount as monthly_amount,
        current_period_end as next_renewal_at
    from {{ source('raw', 'omnishop__billing_events') }} as events
    where {{ is_newest_version(source('raw', 'omnishop__billing_events'), 'events', ['id']) }}
),

-- Stripe may report one change in several events of the same moment.
placed as (
    select
        billing_events.*,
        row_number() over (partition by subscription_id, occurred_at, event_type order by id) as place
    from billing_events
    where event_type is not null
),

final as (
    select
        subscription_id,
        occurred_at,
        event_type,
        plan,
        monthly_amount,
        next_renewal_at
    from placed
    where place = 1
)

select * from final
