with subscriptions as (
    select * from {{ source('raw', 'standard__subscriptions') }}
),

final as (
    select
        subscription_id,
        source_customer_id,
        started_at,
        plan,
        monthly_amount,
        currency
    from subscriptions
    where {{ is_newest_version(source('raw', 'standard__subscriptions'), 'subscriptions', ['subscription_id']) }}
)

select * from final
