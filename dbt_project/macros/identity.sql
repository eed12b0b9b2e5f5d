{#
    By which identifier a row names its person: the first of `types` (strongest first) that it has.
    Facts join identity.idn_identifiers on source_system and these two.
#}
{% macro identifier_type_of(types) -%}
    case
            {%- for type in types %}
            when {{ type }} is not null then '{{ type }}'
            {%- endfor %}
        end
{%- endmacro %}

{% macro identifier_of(types) -%} coalesce({{ types | join(', ') }}, null) {%- endmacro %}

{# Every identifier as staging spells it, with the node it stands for. #}
{% macro identifiers() -%} {{ source('identity', 'idn_identifiers') }} {%- endmacro %}

{# Which node belongs to which customer, from when to when. #}
{% macro customer_identities() -%} {{ source('identity', 'customer_identities') }} {%- endmacro %}

{# Every entity that names people: when it did, and by which identifiers, strongest first. #}
{% macro identifying_entities() -%}
    {{ return([
        ('orders', 'ordered_at', ['source_customer_id']),
        ('coupon_redemptions', 'redeemed_at', ['source_customer_id']),
        ('campaign_assignments', 'assigned_at', ['source_customer_id']),
        ('customers__history', 'coalesce(updated_at, created_at)', ['source_customer_id', 'loyalty_id', 'email', 'phone']),
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
    ]) }}
{%- endmacro %}

{# Every pair of the types, the stronger first. #}
{% macro pairs_of(types) -%}
    {%- set pairs = [] -%}
    {%- for left in types -%}
        {%- for right in types[loop.index:] -%}
            {%- do pairs.append((left, right)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}
