{#
    Families whose counts are zero, not null, from the first row of a customer's source on:
    (family, table, its time). A family that is not listed here stays null where it has no row.
#}
{% macro covered_families() -%}
    {{ return([
        ('orders', 'fct_orders', 'ordered_at'),
        ('messages', 'fct_message_events', 'occurred_at'),
        ('offers', 'fct_coupon_redemptions', 'redeemed_at'),
        ('support', 'fct_support_tickets', 'opened_at'),
        ('reviews', 'fct_reviews', 'created_at'),
        ('loyalty', 'fct_loyalty_events', 'occurred_at'),
        ('subscription', 'fct_subscriptions', 'started_at'),
        ('account', 'bridge_account_members', 'valid_from'),
        ('web', 'fct_web_sessions', 'started_at'),
        ('intent', 'fct_web_sessions', 'started_at'),
        ('ads', 'fct_ad_touches', 'occurred_at'),
        ('interests', 'fct_product_views', 'event_date'),
    ]) }}
{%- endmacro %}

{#
    One feature in the mart. What is counted or summed (`_count`, `_amount`) and every flag (`is_`) is
    zero where the family has no row of a customer whose source covers it. The family `orders` has a
    row for everybody and fills its zeros itself.
#}
{% macro feature_of(column) -%}
    {%- set family = column.config.meta.family -%}
    {%- set value = family ~ '.' ~ column.name -%}
    {%- set covered = covered_families() | map(attribute=0) | list -%}
    {%- if family != 'orders' and family in covered
        and (column.name.endswith('_count') or column.name.endswith('_amount') or column.name.startswith('is_')) -%}
        case when customers.{{ family }}_first_date < customers.as_of_date then coalesce({{ value }}, 0) end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}
