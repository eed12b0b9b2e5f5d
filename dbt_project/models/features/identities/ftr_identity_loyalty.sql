with events as (
    select * from {{ ref('fct_loyalty_events') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- Numbered by time, so that the last of several is a maximum.
final as (
    select
        keys.identity_key,
        cast(events.occurred_at as date) as event_date,
        events.event_type = 'redeem' as is_redeemed,
        events.balance_change,
        events.tier,
        case when events.tier is not null then row_number() over (order by events.occurred_at, events.event_id) end
            as tier_rank
    from events
    inner join keys
        on keys.identity_id = events.identity_id
)

select * from final
order by identity_key
