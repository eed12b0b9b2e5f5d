with appearances as (
    select * from {{ ref('idn_appearances') }}
),

seen as (
    {%- for type in identifier_types() %}
    select
        source_system,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier,
        known_at
    from appearances
    where {{ type }} is not null
    union all
    {%- endfor %}
    -- An account that a record names, though it may have no row of its own.
    select
        source_system,
        'source_customer_id' as identifier_type,
        login_id as identifier,
        known_at
    from appearances
    where login_id is not null
),

-- Every identifier as staging spells it, and since when it is known.
final as (
    select
        source_system,
        identifier_type,
        identifier,
        min(known_at) as known_at
    from seen
    group by source_system, identifier_type, identifier
)

select * from final
