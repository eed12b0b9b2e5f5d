{#- Site and app call the same things; ids are prefixed by table, since each counts its own. -#}
{%- set views = [('web_pages', 'path'), ('app_screens', 'coalesce(path, name)')] -%}
{%- set tracks = ['web_tracks', 'app_tracks'] -%}
{%- set identifies = ['web_identifies', 'app_identifies'] -%}
{%- set context = ['device_type', 'region', 'campaign_source', 'campaign_medium', 'campaign_name'] -%}

with views as (
    {%- for table, page in views %}
    select
        '{{ table }}:' || id as event_id,
        timestamp as occurred_at,
        'page_view' as event_type,
        anonymous_id,
        user_id,
        context_device_id,
        {{ page }} as page,
        cast(null as varchar) as product_id,
        cast(null as varchar) as query,
        scroll_depth,
        duration_seconds,
        context_{{ context | join(', context_') }}
    from {{ source('raw', 'omnishop__' ~ table) }} as events
    where {{ is_newest_version(source('raw', 'omnishop__' ~ table), 'events', ['id']) }}
        and not {{ is_robot('context_user_agent') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- What was used stands where other events have their page, how much of a video was seen where
-- they have the depth of scrolling.
tracks as (
    {%- for table in tracks %}
    select
        '{{ table }}:' || id as event_id,
        timestamp as occurred_at,
        {{ in_our_words('event_text', omnishop_words('track')) }} as event_type,
        anonymous_id,
        user_id,
        context_device_id,
        feature_name as page,
        product_id,
        query,
        video_position as scroll_depth,
        cast(null as double) as duration_seconds,
        context_{{ context | join(', context_') }}
    from {{ source('raw', 'omnishop__' ~ table) }} as events
    where {{ is_newest_version(source('raw', 'omnishop__' ~ table), 'events', ['id']) }}
        and not {{ is_robot('context_user_agent') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

identifies as (
    {%- for table in identifies %}
    select
        '{{ table }}:' || id as event_id,
        timestamp as occurred_at,
        'login' as event_type,
        anonymous_id,
        user_id,
        context_device_id,
        cast(null as varchar) as page,
        cast(null as varchar) as product_id,
        cast(null as varchar) as query,
        cast(null as double) as scroll_depth,
        cast(null as double) as duration_seconds
        {%- for column in context %},
        cast(null as varchar) as context_{{ column }}
        {%- endfor %}
    from {{ source('raw', 'omnishop__' ~ table) }} as events
    where {{ is_newest_version(source('raw', 'omnishop__' ~ table), 'events', ['id']) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

events as (
    select * from views
    union all
    select * from tracks
    where event_type is not null
    union all
    select * from identifies
),

final as (
    select
        event_id,
        occurred_at,
        event_type,
        {{ text_or_null('anonymous_id') }} as anonymous_id,
        {{ shop_login('user_id') }} as source_customer_id,
        {{ text_or_null('context_device_id') }} as device_id,
        cast(null as varchar) as session_id,
        {{ text_or_null('page') }} as page,
        {{ text_or_null('product_id') }} as product_id,
        {{ text_or_null('query') }} as search_query,
        scroll_depth,
        duration_seconds,
        case when event_id like 'app%' then 'app' else lower({{ text_or_null('context_device_type') }}) end as device_type,
        {{ text_or_null('context_region') }} as region,
        {{ text_or_null('context_campaign_source') }} as utm_source,
        {{ text_or_null('context_campaign_medium') }} as utm_medium,
        {{ text_or_null('context_campaign_name') }} as utm_campaign
    from events
)

select * from final
