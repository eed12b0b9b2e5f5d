with events as (
    select *, cast(occurred_at as date) as event_date
    from {{ ref('fct_web_events') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type in ('source_customer_id', 'anonymous_id', 'device_id')
),

described as (
    select
        event_id,
        source_system,
        anonymous_id,
        device_id,
        device_type,
        region,
        utm_source,
        utm_medium,
        utm_campaign
    from {{ ref('stg_all__web_events') }}
),

days as (
    select
        stream_key,
        visit_number,
        login_number,
        event_date,
        min(source_customer_id) as source_customer_id,
        min(first_event_id) as first_event_id,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at,
        {%- for column, condition in web_counts() %}
        cast(sum(case when {{ condition }} then 1 else 0 end) as bigint) as {{ column }},
        {%- endfor %}
        cast(sum(gap_seconds) as bigint) as gap_seconds,
        sum(case when event_type in ('page_view', 'product_view') then duration_seconds end) as page_seconds,
        sum(case when event_type <> 'video_progress' then scroll_depth end) as scroll_sum,
        max(case when event_type <> 'video_progress' then scroll_depth end) as scroll_max,
        -- Sources measure how far a video was watched as a share or in per cent.
        max(
            case when event_type = 'video_progress' then case when scroll_depth > 1 then scroll_depth / 100 else scroll_depth end end
        ) as video_share
    from events
    group by stream_key, visit_number, login_number, event_date
),

-- Whose it is, is known from what happened up to the end of the day: a login counts from the start
-- of its visit, but not for a day that was over before it. (The map of identities joins that day to
-- the person later, from the date on which it knows.)
known as (
    select
        *,
        first_event_id is not null as is_first_day,
        min(first_event_id) over visit as web_session_id,
        max(source_customer_id) over visit as known_customer_id
    from days
    window visit as (
        partition by stream_key, visit_number, login_number order by event_date nulls first
        rows between unbounded preceding and current row
    )
),

named as (
    select
        known.*,
        described.source_system,
        described.device_type,
        described.region,
        described.utm_source,
        described.utm_medium,
        described.utm_campaign,
        case
            when known.known_customer_id is not null then 'source_customer_id'
            when described.anonymous_id is not null then 'anonymous_id'
            else 'device_id'
        end as identifier_type,
        coalesce(known.known_customer_id, described.anonymous_id, described.device_id) as identifier
    from known
    inner join described
        on described.event_id = known.web_session_id
),

final as (
    select
        named.stream_key,
        named.visit_number,
        named.login_number,
        named.event_date,
        named.is_first_day,
        named.web_session_id,
        identities.identity_id,
        named.source_system,
        named.known_customer_id is not null as has_login,
        named.device_type,
        named.region,
        named.utm_source,
        named.utm_medium,
        named.utm_campaign,
        named.first_at,
        named.last_at,
        {%- for column, condition in web_counts() %}
        named.{{ column }},
        {%- endfor %}
        named.gap_seconds,
        named.page_seconds,
        named.scroll_sum,
        named.scroll_max,
        named.video_share
    from named
    inner join identities
        on identities.source_system = named.source_system
        and identities.identifier_type = named.identifier_type
        and identities.identifier = named.identifier
)

select * from final
