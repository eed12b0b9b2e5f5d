with seen as (
    {%- for entity, known_at, types in identifying_entities() %}
    {%- for type in types %}
    select
        source_system,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier,
        min({{ known_at }}) as known_at
    from {{ ref('stg_all__' ~ entity) }}
    where {{ type }} is not null and {{ known_at }} is not null
    group by source_system, {{ type }}
    union all
    {%- endfor %}
    {%- endfor %}
    -- An account that a record names, though it may have no row of its own.
    select
        source_system,
        'source_customer_id' as identifier_type,
        login_id as identifier,
        min(coalesce(updated_at, created_at)) as known_at
    from {{ ref('stg_all__customers__history') }}
    where login_id is not null and coalesce(updated_at, created_at) is not null
    group by source_system, login_id
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
