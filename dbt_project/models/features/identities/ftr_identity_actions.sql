with behaviours as (
    select * from {{ ref('fct_behaviours') }}
),

identifiers as (
    select * from {{ identifiers() }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- Grouped by token: a day has few kinds of actions and many actions. Nobody reads them before there
-- is an encoder of them.
final as (
    select
        keys.identity_key,
        cast(behaviours.occurred_at as date) as event_date,
        behaviours.token,
        behaviours.token_group,
        count(*) as token_count
    from behaviours
    inner join identifiers
        on identifiers.source_system = behaviours.source_system
        and identifiers.identifier_type = behaviours.identifier_type
        and identifiers.identifier = behaviours.identifier
    inner join keys
        on keys.identity_id = identifiers.identity_id
    where exists (
        select 1 from {{ ref('ftr_encoder_dates') }} as dates
        where dates.encoder = 'behaviour'
    )
    group by 1, 2, 3, 4
)

select * from final
order by identity_key
