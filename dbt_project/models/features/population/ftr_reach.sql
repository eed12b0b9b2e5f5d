-- The first date on which a source has rows for a family of features: before it, a count is unknown
-- and not zero.
with firsts as (
    {%- for family, table, known_at in covered_families() %}
    select
        source_system,
        '{{ family }}' as family,
        min(cast({{ known_at }} as date)) as first_date
    from {{ ref(table) }}
    group by source_system
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- An e-mail or a phone belongs to no source: rows of any source cover it.
covered as (
    select source_system, family, first_date from firsts
    union all
    select 'any' as source_system, family, first_date from firsts
),

final as (
    select
        source_system
        {%- for family, table, known_at in covered_families() %},
        min(case when family = '{{ family }}' then first_date end) as {{ family }}_first_date
        {%- endfor %}
    from covered
    group by source_system
)

select * from final
