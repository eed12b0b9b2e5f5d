with loyalty_events as (
    select * from {{ ref('stg_all__loyalty_events') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'loyalty_id'
),

final as (
    select
        loyalty_events.event_id,
        identities.identity_id,
        loyalty_events.source_system,
        loyalty_events.occurred_at,
        loyalty_events.event_type,
        loyalty_events.points,
        -- Some programmes write what is redeemed below zero, some above it.
        case
            when loyalty_events.event_type = 'redeem' then -abs(coalesce(loyalty_events.points, 0))
            else coalesce(loyalty_events.points, 0)
        end as balance_change,
        loyalty_events.tier
    from loyalty_events
    inner join identities
        on identities.source_system = loyalty_events.source_system
        and identities.identifier = loyalty_events.loyalty_id
)

select * from final
