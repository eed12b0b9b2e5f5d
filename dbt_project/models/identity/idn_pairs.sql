with together as (
    {%- for entity, known_at, types in identifying_entities() if types | length > 1 %}
    {%- for left, right in pairs_of(types) %}
    select
        source_system,
        '{{ left }}' as identifier_type,
        {{ left }} as identifier,
        '{{ right }}' as other_identifier_type,
        {{ right }} as other_identifier,
        '{{ entity | replace('__history', '') }}' as evidence,
        cast(min({{ known_at }}) as date) as known_date
    from {{ ref('stg_all__' ~ entity) }}
    where {{ left }} is not null and {{ right }} is not null and {{ known_at }} is not null
    group by source_system, {{ left }}, {{ right }}
    union all
    {%- endfor %}
    {%- endfor %}
    select
        source_system,
        'source_customer_id' as identifier_type,
        source_customer_id as identifier,
        'source_customer_id' as other_identifier_type,
        login_id as other_identifier,
        'customers' as evidence,
        cast(min(coalesce(updated_at, created_at)) as date) as known_date
    from {{ ref('stg_all__customers__history') }}
    where login_id is not null
        and login_id <> source_customer_id
        and coalesce(updated_at, created_at) is not null
    group by source_system, source_customer_id, login_id
),

-- Which identifiers stood together on a row, since when.
final as (
    select * from together
)

select * from final
