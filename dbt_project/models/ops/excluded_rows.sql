with final as (
    {%- for source in sources_of('excluded_rows') %}
    select
        source,
        table_name,
        reason,
        row_count
    from {{ ref('stg_' ~ source ~ '__excluded_rows') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select * from final
