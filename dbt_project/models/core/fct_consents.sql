{%- set types = ['source_customer_id', 'email', 'phone', 'anonymous_id'] -%}

with consents as (
    select
        *,
        {{ identifier_type_of(types) }} as identifier_type,
        {{ identifier_of(types) }} as identifier
    from {{ ref('stg_all__consents') }}
),

identities as (
    select * from {{ identifiers() }}
),

ranked as (
    select
        consents.*,
        identities.identity_id,
        row_number() over (
            partition by identities.identity_id, consents.purpose, consents.recorded_at
            order by
                case consents.status when 'withdrawn' then 1 when 'denied' then 2 else 3 end,
                consents.origin nulls last
        ) as strictness_rank
    from consents
    inner join identities
        on identities.source_system = consents.source_system
        and identities.identifier_type = consents.identifier_type
        and identities.identifier = consents.identifier
),

-- Of decisions recorded at the same time the strictest is kept. Only the word `granted` grants.
final as (
    select
        identity_id,
        purpose,
        recorded_at,
        source_system,
        status = 'granted' as is_granted,
        status,
        origin
    from ranked
    where strictness_rank = 1
)

select * from final
