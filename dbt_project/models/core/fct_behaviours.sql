{{ config(materialized='view') }}

{%- set names = ['source_customer_id', 'email', 'phone', 'loyalty_id', 'anonymous_id', 'device_id'] -%}
{#- (entity, when, its identifiers, strongest first, token, group of tokens, which rows) -#}
{%- set behaviours = [
    ('orders', 'ordered_at', names[:1], "'order:' || coalesce(channel, 'unknown')", "'order'", 'original_order_id is null'),
    ('coupon_redemptions', 'redeemed_at', names[:1], "'coupon'", "'coupon'", '1 = 1'),
    ('message_events', 'occurred_at', names[:3], "'message:' || channel || ':' || event_type", "'message:' || event_type",
        "event_type in ('opened', 'clicked', 'complained', 'unsubscribed')"),
    ('support_tickets', 'opened_at', names[:2], "'ticket:' || coalesce(channel, 'unknown')", "'ticket'", '1 = 1'),
    ('reviews', 'created_at', names[:1], "'review:' || coalesce(kind, 'unknown')", "'review'", '1 = 1'),
    ('loyalty_events', 'occurred_at', ['loyalty_id'], "'loyalty:' || event_type", "'loyalty'", '1 = 1'),
    ('subscriptions', 'started_at', names[:1], "'subscription:' || plan", "'subscription'", '1 = 1'),
] -%}

with web_events as (
    select * from {{ ref('stg_all__web_events') }}
),

products as (
    select * from {{ ref('stg_all__products') }}
),

-- On a product: its category as known then. Elsewhere: the first part of the page's path.
web_behaviours as (
    select
        web_events.source_system,
        {{ identifier_type_of(['source_customer_id', 'anonymous_id', 'device_id']) }} as identifier_type,
        {{ identifier_of(['source_customer_id', 'anonymous_id', 'device_id']) }} as identifier,
        web_events.occurred_at,
        'web:' || web_events.event_type || ':' || case
            when web_events.product_id is null then coalesce({{ page_group('web_events.page') }}, '')
            when products.updated_at > web_events.occurred_at then ''
            else coalesce(products.category, '')
        end as token,
        'web:' || web_events.event_type as token_group
    from web_events
    left join products
        on products.product_id = web_events.product_id
),

-- What people do, as tokens of one sequence. It is read before identities are resolved (encoders are
-- fitted from it), so it names its person as the row does.
final as (
    select * from web_behaviours
    {%- for entity, occurred_at, types, token, token_group, condition in behaviours %}
    union all
    select
        source_system,
        {{ identifier_type_of(types) }} as identifier_type,
        {{ identifier_of(types) }} as identifier,
        {{ occurred_at }} as occurred_at,
        {{ token }} as token,
        {{ token_group }} as token_group
    from {{ ref('stg_all__' ~ entity) }}
    where {{ condition }}
    {%- endfor %}
)

select * from final
where identifier is not null
