with identifiers as (
    select * from {{ ref('idn_identifiers') }}
),

-- One source customer is one customer; the id is the hash of its oldest identity.
final as (
    select
        source_system,
        identifier_type,
        identifier,
        identity_id,
        {{ keyed_hash('identity_id') }} as customer_id,
        'source_customer_id' as rule,
        cast(1 as double) as confidence,
        cast(known_at as date) as valid_from,
        cast(null as date) as valid_to
    from identifiers
)

select * from final
