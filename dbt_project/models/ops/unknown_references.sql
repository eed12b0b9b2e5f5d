{#- Entities, and the column in which each names something that another entity describes. -#}
{%- set references = [
    ('order_lines', 'product_id'),
    ('web_events', 'product_id'),
    ('reviews', 'product_id'),
    ('message_events', 'campaign_id'),
    ('ad_touches', 'campaign_id'),
    ('campaign_assignments', 'campaign_id'),
    ('coupon_redemptions', 'campaign_id'),
    ('web_events', 'source_customer_id'),
    ('message_events', 'source_customer_id'),
    ('support_tickets', 'source_customer_id'),
    ('subscriptions', 'source_customer_id'),
    ('campaign_assignments', 'source_customer_id'),
    ('loyalty_events', 'loyalty_id'),
    ('subscription_events', 'subscription_id'),
] -%}

with named as (
    {%- for entity, column in references %}
    select
        source_system,
        '{{ entity }}' as table_name,
        '{{ column }}' as column_name,
        {{ column }} as named_id,
        count(*) as row_count
    from {{ ref('stg_all__' ~ entity) }}
    where {{ column }} is not null
    group by source_system, {{ column }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

known as (
    {%- for column, described in [
        ('product_id', 'products'),
        ('campaign_id', 'campaigns'),
        ('source_customer_id', 'customers'),
        ('loyalty_id', 'customers'),
        ('subscription_id', 'subscriptions'),
    ] %}
    select distinct
        source_system,
        '{{ column }}' as column_name,
        {{ column }} as known_id
    from {{ ref('stg_all__' ~ described) }}
    where {{ column }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

describing as (
    select distinct
        source_system,
        column_name
    from known
),

final as (
    select
        named.source_system as source,
        named.table_name,
        named.column_name,
        cast(sum(named.row_count) as bigint) as row_count
    from named
    inner join describing
        on describing.source_system = named.source_system
        and describing.column_name = named.column_name
    left join known
        on known.source_system = named.source_system
        and known.column_name = named.column_name
        and known.known_id = named.named_id
    where known.known_id is null
    group by named.source_system, named.table_name, named.column_name
)

select * from final
