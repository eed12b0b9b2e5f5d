{#- Table, its key, a reason, and the condition over `record` under which its row is left out. -#}
{%- set exclusions = [
    ('shop_orders', ['id'], 'a trial of the checkout', 'coalesce(record.test, false)'),
    ('shop_orders', ['id'], 'a robot', is_robot('record.user_agent') ~ ' and not coalesce(record.test, false)'),
    ('web_pages', ['id'], 'a robot', is_robot('record.context_user_agent')),
    ('app_screens', ['id'], 'a robot', is_robot('record.context_user_agent')),
    ('web_tracks', ['id'], 'a robot', is_robot('record.context_user_agent')),
    ('app_tracks', ['id'], 'a robot', is_robot('record.context_user_agent')),
] -%}
{%- set unknown_words = [
    ('web_tracks', ['id'], 'event_text', 'track', ' and not ' ~ is_robot('record.context_user_agent')),
    ('app_tracks', ['id'], 'event_text', 'track', ' and not ' ~ is_robot('record.context_user_agent')),
    ('email_events', ['id'], 'metric', 'email', ''),
    ('sms_messages', ['sid', 'status'], 'status', 'sms', ''),
    ('ads_touches', ['event_id'], 'event_type', 'ad', ''),
    ('loyalty_activities', ['id'], 'activity_type', 'loyalty', ''),
    ('billing_events', ['id'], 'type', 'billing', ''),
    ('email_campaign_recipients', ['campaign_id', 'profile_id'], 'arm', 'arm', ''),
    ('consent_receipts', ['id'], 'purpose', 'purpose', ''),
    ('consent_receipts', ['id'], 'identifier_type', 'consent_identifier', ''),
    ('consent_requests', ['id'], 'request_type', 'erasure', ''),
] -%}
{%- for table, key, column, kind, and_this in unknown_words -%}
    {%- do exclusions.append((
        table, key, 'no word of ours for this ' ~ column,
        in_our_words('record.' ~ column, omnishop_words(kind)) ~ ' is null' ~ and_this
    )) -%}
{%- endfor -%}

with counted as (
    {%- for table, key, reason, condition in exclusions %}
    select
        '{{ table }}' as table_name,
        '{{ reason }}' as reason,
        count(*) as row_count
    from {{ source('raw', 'omnishop__' ~ table) }} as record
    where {{ condition }}
        and {{ is_newest_version(source('raw', 'omnishop__' ~ table), 'record', key) }}
    union all
    {%- endfor %}
    select
        'shop_refunds' as table_name,
        'its order is not there, or is none' as reason,
        count(*) as row_count
    from {{ source('raw', 'omnishop__shop_refunds') }} as record
    where {{ is_newest_version(source('raw', 'omnishop__shop_refunds'), 'record', ['id']) }}
        and record.order_id not in (select orders.order_id from {{ ref('stg_omnishop__orders') }} as orders)
    union all
    select
        'ads_campaigns' as table_name,
        'an e-mail campaign has the same id' as reason,
        count(*) as row_count
    from {{ source('raw', 'omnishop__ads_campaigns') }} as record
    where {{ is_newest_version(source('raw', 'omnishop__ads_campaigns'), 'record', ['campaign_id']) }}
        and record.campaign_id in (select messages.id from {{ source('raw', 'omnishop__email_campaigns') }} as messages)
),

final as (
    select
        'omnishop' as source,
        table_name,
        reason,
        row_count
    from counted
    where row_count > 0
)

select * from final
