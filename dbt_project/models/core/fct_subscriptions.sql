with subscriptions as (
    select * from {{ ref('stg_all__subscriptions') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

rates as (
    select * from {{ reporting_rates() }}
),

reporting as (
    select distinct reporting_currency from rates
),

final as (
    select
        subscriptions.subscription_id,
        identities.identity_id,
        subscriptions.source_system,
        subscriptions.started_at,
        subscriptions.plan,
        {{ in_reporting_currency('subscriptions.monthly_amount', 'rates.rate') }} as monthly_amount,
        reporting.reporting_currency as currency,
        subscriptions.monthly_amount as source_monthly_amount,
        coalesce(subscriptions.currency, reporting.reporting_currency) as source_currency
    from subscriptions
    cross join reporting
    inner join identities
        on identities.source_system = subscriptions.source_system
        and identities.identifier = subscriptions.source_customer_id
    left join rates
        on {{ rate_in_force('rates', 'subscriptions.currency', 'subscriptions.started_at') }}
)

select * from final
