{#
    Keeps the newest version of every key of a landed table. Versions above 1 exist only where a
    re-export changed a row, so the side that is looked up in is tiny.
#}
{% macro is_newest_version(relation, alias, key) -%}
    not exists (
        select 1
        from {{ relation }} as newer
        where newer._version > 1
            and newer._version > {{ alias }}._version
            {%- for column in key %}
            and newer.{{ column }} = {{ alias }}.{{ column }}
            {%- endfor %}
    )
{%- endmacro %}

{# The rows that the source `standard` lands: it says everything in our own words already. #}
{% macro standard_rows(entity, every_version=false) -%}
    {%- set landed = source('raw', 'standard__' ~ entity) -%}
    {%- set key = key_of(entity) -%}
    select
        {%- for column in columns_of(entity) %}
        {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ landed }} as landed
    {%- if key and not every_version %}
    where {{ is_newest_version(landed, 'landed', key) }}
    {%- endif %}
{%- endmacro %}

{# All sources of an entity, one below the other, ids made global as `<source>:<id>`. #}
{% macro union_sources(entity, global_ids) -%}
    {%- for source in sources_of(entity) %}
    select
        '{{ source }}' as source_system,
        {%- for column in columns_of(entity | replace('__history', '')) %}
        {%- if column in global_ids %}
        '{{ source }}:' || {{ column }} as {{ column }}
        {%- else %}
        {{ column }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('stg_' ~ source ~ '__' ~ entity) }}
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}
{%- endmacro %}
