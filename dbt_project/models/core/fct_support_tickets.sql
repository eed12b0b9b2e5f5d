{%- set types = ['source_customer_id', 'email'] -%}

with tickets as (
    select
        *,
        {{ identifier_type_of(types) }} as identifier_type,
        {{ identifier_of(types) }} as identifier
    from {{ ref('stg_all__support_tickets') }}
),

identities as (
    select * from {{ identifiers() }}
),

final as (
    select
        tickets.ticket_id,
        identities.identity_id,
        tickets.source_system,
        tickets.opened_at,
        tickets.closed_at,
        tickets.rated_at,
        tickets.channel,
        tickets.satisfaction_score / cast({{ var('satisfaction_best') }} as double) as satisfaction_rate
    from tickets
    inner join identities
        on identities.source_system = tickets.source_system
        and identities.identifier_type = tickets.identifier_type
        and identities.identifier = tickets.identifier
)

select * from final
