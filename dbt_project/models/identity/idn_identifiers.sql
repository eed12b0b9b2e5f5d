{#- Every entity that names people: when it did, and by which identifiers. -#}
{%- set told_by = [
    ('orders', 'ordered_at', ['source_customer_id']),
    ('coupon_redemptions', 'redeemed_at', ['source_customer_id']),
    ('campaign_assignments', 'assigned_at', ['source_customer_id']),
    ('customers__history', 'coalesce(updated_at, created_at)', ['source_customer_id', 'email', 'phone', 'loyalty_id']),
    ('customers', 'coalesce(created_at, updated_at)', ['source_customer_id']),
    ('web_events', 'occurred_at', ['source_customer_id', 'anonymous_id', 'device_id']),
    ('message_events', 'occurred_at', ['source_customer_id', 'email', 'phone']),
    ('ad_touches', 'occurred_at', ['anonymous_id']),
    ('support_tickets', 'opened_at', ['source_customer_id', 'email']),
    ('reviews', 'created_at', ['source_customer_id']),
    ('loyalty_events', 'occurred_at', ['loyalty_id']),
    ('subscriptions', 'started_at', ['source_customer_id']),
    ('consents', 'recorded_at', ['source_customer_id', 'email', 'phone', 'anonymous_id']),
    ('erasure_requests', 'requested_at', ['source_customer_id', 'email', 'phone']),
] -%}

with seen as (
    {%- for entity, known_at, types in told_by %}
    {%- for type in types %}
    select
        source_system,
        '{{ type }}' as identifier_type,
        {{ type }} as identifier,
        min({{ known_at }}) as known_at
    from {{ ref('stg_all__' ~ entity) }}
    where {{ type }} is not null and {{ known_at }} is not null
    group by source_system, {{ type }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

identifiers as (
    select
        source_system,
        identifier_type,
        identifier,
        min(known_at) as known_at
    from seen
    group by source_system, identifier_type, identifier
),

-- One node per identifier, for ever: facts are keyed by it, so that a merge rewrites none of them.
final as (
    select
        source_system,
        identifier_type,
        identifier,
        {{ keyed_hash("source_system || '|' || identifier_type || '|' || identifier") }} as identity_id,
        known_at
    from identifiers
)

select * from final
