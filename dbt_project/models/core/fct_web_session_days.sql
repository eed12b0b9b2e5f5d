with events as (
    select
        *,
        cast(occurred_at as date) as event_date
    from {{ ref('fct_web_events') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type in ('source_customer_id', 'anonymous_id', 'device_id')
),

days as (
    select
        stream_key,
        visit_number,
        login_number,
        event_date,
        min(source_system) as source_system,
        min(source_customer_id) as source_customer_id,
        min(anonymous_id) as anonymous_id,
        min(device_id) as device_id,
        min(first_event_id) as first_event_id,
        min(first_device_type) as device_type,
        min(first_region) as region,
        min(first_utm_source) as utm_source,
        min(first_utm_medium) as utm_medium,
        min(first_utm_campaign) as utm_campaign,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        {%- for column, condition in web_counts() %}
        cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ column }},
        {%- endfor %}
        cast(sum(gap_seconds) as bigint) as gap_seconds,
        sum(case when event_type in ('page_view', 'product_view') then duration_seconds end) as page_seconds,
        sum(case when event_type <> 'video_progress' then scroll_depth end) as scroll_sum,
        max(case when event_type <> 'video_progress' then scroll_depth end) as scroll_max,
        max(case when event_type = 'video_progress' then scroll_depth end) as video_share
    from events
    group by stream_key, visit_number, login_number, event_date
),

-- Whose it is, is known from what happened up to the end of the day: a login counts from the start
-- of its visit, but not for a day that was over before it. (The map of identities joins that day to
-- the person later, from the date on which it knows.)
named as (
    select
        *,
        max(source_customer_id) over visit as known_customer_id,
        min(anonymous_id) over visit as known_anonymous_id,
        min(device_id) over visit as known_device_id
    from days
    window visit as (
        partition by stream_key, visit_number, login_number order by event_date
        rows between unbounded preceding and current row
    )
),

typed as (
    select
        *,
        case
            when known_customer_id is not null then 'source_customer_id'
            when known_anonymous_id is not null then 'anonymous_id'
            else 'device_id'
        end as identifier_type,
        coalesce(known_customer_id, known_anonymous_id, known_device_id) as identifier
    from named
),

final as (
    select
        typed.stream_key,
        typed.visit_number,
        typed.login_number,
        typed.event_date,
        identities.identity_id,
        typed.source_system,
        typed.known_customer_id is not null as has_login,
        typed.first_event_id,
        typed.device_type,
        typed.region,
        typed.utm_source,
        typed.utm_medium,
        typed.utm_campaign,
        typed.first_at,
        typed.last_at,
        {%- for column, condition in web_counts() %}
        typed.{{ column }},
        {%- endfor %}
        typed.gap_seconds,
        typed.page_seconds,
        typed.scroll_sum,
        typed.scroll_max,
        typed.video_share
    from typed
    inner join identities
        on identities.source_system = typed.source_system
        and identities.identifier_type = typed.identifier_type
        and identities.identifier = typed.identifier
)

select * from final
