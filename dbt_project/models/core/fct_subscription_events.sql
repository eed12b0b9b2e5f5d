with subscription_events as (
    select * from {{ ref('stg_all__subscription_events') }}
),

subscriptions as (
    select * from {{ ref('fct_subscriptions') }}
),

rates as (
    select * from {{ reporting_rates() }}
),

-- An event's price is in the currency of its subscription, at the rate of the event's day.
final as (
    select
        subscription_events.subscription_id,
        subscription_events.occurred_at,
        subscription_events.event_type,
        subscriptions.identity_id,
        subscription_events.source_system,
        subscription_events.plan,
        {{ in_reporting_currency('subscription_events.monthly_amount', 'rates.rate') }} as monthly_amount,
        subscription_events.monthly_amount as source_monthly_amount,
        subscription_events.next_renewal_at
    from subscription_events
    inner join subscriptions
        on subscriptions.subscription_id = subscription_events.subscription_id
    left join rates
        on {{ rate_in_force('rates', 'subscriptions.source_currency', 'subscription_events.occurred_at') }}
)

select * from final
