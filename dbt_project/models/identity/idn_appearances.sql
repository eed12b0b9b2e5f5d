{%- set types = identifier_types() -%}

-- Which identifiers stand on one row of some entity, and since when: every row is read here, once,
-- and what is known of who is who follows from this much smaller table.
with final as (
    {%- for entity, known_at, named in identifying_entities() %}
    select
        source_system,
        '{{ entity | replace('__history', '') }}' as evidence,
        {%- for type in types %}
        {{ type if type in named else 'cast(null as varchar)' }} as {{ type }},
        {%- endfor %}
        {{ 'login_id' if entity == 'customers__history' else 'cast(null as varchar)' }} as login_id,
        min({{ known_at }}) as known_at
    from {{ ref('stg_all__' ~ entity) }}
    where {{ known_at }} is not null
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
