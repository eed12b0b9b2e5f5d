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

priced as (
    select
        touches.*,
        identities.identity_id,
        rates.reporting_currency,
        rates.source_currency,
        rates.rate as exchange_rate
    from touches
    left join identities
        on identities.source_system = touches.source_system
        and identities.identifier = touches.anonymous_id
    left join rates
        on {{ rate_in_force('rates', 'touches.currency', 'touches.occurred_at') }}
),

-- A touch of nobody in particular stays: it cost money too.
final as (
    select
        touch_id,
        identity_id,
        source_system,
        occurred_at,
        platform,
        touch_type,
        campaign_id,
        {{ in_reporting_currency('cost_amount') }} as cost_amount,
        reporting_currency as currency,
        cost_amount as source_cost_amount,
        source_currency,
        cast(exchange_rate as double) as exchange_rate
    from priced
)

select * from final
