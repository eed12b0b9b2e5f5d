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

{# Which sources deliver an entity: the one place to add a source to. #}
{% macro sources_of(entity) -%}
    {{ return({
        'orders': ['complete_journey', 'omnishop', 'standard'],
        'order_lines': ['complete_journey', 'omnishop', 'standard'],
        'products': ['complete_journey', 'omnishop', 'standard'],
        'customers': ['complete_journey', 'omnishop', 'standard'],
        'coupon_redemptions': ['complete_journey', 'omnishop', 'standard'],
        'campaigns': ['complete_journey', 'omnishop', 'standard'],
        'campaign_assignments': ['complete_journey', 'omnishop', 'standard'],
        'customers__history': ['omnishop', 'standard'],
        'accounts': ['omnishop', 'standard'],
        'ad_touches': ['omnishop', 'standard'],
        'consents': ['omnishop', 'standard'],
        'erasure_requests': ['omnishop', 'standard'],
        'fx_rates': ['omnishop', 'standard'],
        'loyalty_events': ['omnishop', 'standard'],
        'message_events': ['omnishop', 'standard'],
        'reviews': ['omnishop', 'standard'],
        'subscription_events': ['omnishop', 'standard'],
        'subscriptions': ['omnishop', 'standard'],
        'support_tickets': ['omnishop', 'standard'],
        'web_events': ['omnishop', 'standard'],
        'excluded_rows': ['omnishop'],
    }[entity]) }}
{%- endmacro %}

{# All sources of an entity, one below the other, ids made global as `<source>:<id>`. #}
{% macro union_sources(entity, columns, global_ids) -%}
    {%- for source in sources_of(entity) %}
    select
        '{{ source }}' as source_system,
        {%- for column in columns %}
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
