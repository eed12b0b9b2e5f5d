with touches as (
    select * from {{ ref('stg_all__ad_touches') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'anonymous_id'
),

rates as (
    select * from {{ reporting_rates() }}
),

reporting as (
    select distinct reporting_currency from rates
),

-- A touch of nobody in particular stays: it cost money too.
final as (
    select
        touches.touch_id,
        identities.identity_id,
        touches.source_system,
        touches.occurred_at,
        touches.platform,
        touches.touch_type,
        touches.campaign_id,
        {{ in_reporting_currency('touches.cost_amount', 'rates.rate') }} as cost_amount,
        reporting.reporting_currency as currency,
        touches.cost_amount as source_cost_amount,
        coalesce(touches.currency, reporting.reporting_currency) as source_currency,
        rates.rate as exchange_rate
    from touches
    cross join reporting
    left join identities
        on identities.source_system = touches.source_system
        and identities.identifier = touches.anonymous_id
    left join rates
        on {{ rate_in_force('rates', 'touches.currency', 'touches.occurred_at') }}
)

select * from final
