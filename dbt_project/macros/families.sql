{# The families of features: `ftr_<family>` has customer_key, as_of_date and the family's columns. #}
{% macro feature_families() -%}
    {{ return([
        'orders',
        'messages',
        'offers',
        'support',
        'reviews',
        'loyalty',
        'subscription',
        'consent',
        'account',
        'seasonality',
        'web',
        'intent',
        'ads',
        'interests',
        'arrivals',
        'profile',
        'embeddings',
        'sentiment',
    ]) }}
{%- endmacro %}

{# Families that are zero, not null, once a source tells of them: (family, table, its time). #}
{% macro families_with_reach() -%}
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
    One feature in the mart. What is counted or summed (`_count`, `_amount`) or a flag (`is_`) is zero
    where the family has nothing to tell of a customer whose source does tell of it; the family
    `orders` has a row for everybody and says so itself.
#}
{% macro feature_of(column) -%}
    {%- set family = column.config.meta.family -%}
    {%- set value = family ~ '.' ~ column.name -%}
    {%- set reaching = families_with_reach() | map(attribute=0) | list -%}
    {%- if family != 'orders' and family in reaching
        and (column.name.endswith('_count') or column.name.endswith('_amount') or column.name.startswith('is_')) -%}
        case when customers.{{ family }}_first_date < customers.as_of_date then coalesce({{ value }}, 0) end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}
