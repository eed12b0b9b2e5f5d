with days as (
    select
        *,
        row_number() over (
            partition by stream_key, visit_number, login_number order by event_date desc
        ) as recency
    from {{ ref('fct_web_session_days') }}
),

sessions as (
    select
        min(web_session_id) as web_session_id,
        max(case when recency = 1 then identity_id end) as identity_id,
        min(source_system) as source_system,
        min(first_at) as started_at,
        max(last_at) as ended_at,
        min(device_type) as device_type,
        min(region) as region,
        min(utm_source) as utm_source,
        min(utm_medium) as utm_medium,
        min(utm_campaign) as utm_campaign,
        max(case when has_login then 1 else 0 end) = 1 as has_login,
        {%- for column, condition in web_counts() %}
        cast(sum({{ column }}) as bigint) as {{ column }},
        {%- endfor %}
        cast(coalesce(sum(gap_seconds), 0) as double) as duration_seconds,
        sum(scroll_sum) as scroll_sum,
        max(scroll_max) as scroll_depth_max,
        max(video_share) as video_completion_rate
    from days
    group by stream_key, visit_number, login_number
),

-- That a cart was left is known when the visit is over, thirty minutes after its last event.
final as (
    select
        web_session_id,
        identity_id,
        source_system,
        started_at,
        ended_at,
        {{ seconds_later('ended_at', var('session_gap_seconds')) }} as over_at,
        case
            when cart_add_count > 0 and purchase_count = 0
                then {{ seconds_later('ended_at', var('session_gap_seconds')) }}
        end as abandoned_at,
        device_type,
        region,
        utm_source,
        utm_medium,
        utm_campaign,
        has_login,
        purchase_count > 0 as has_purchase,
        {%- for column, condition in web_counts() if column not in ['scroll_count', 'gap_count'] %}
        {{ column }},
        {%- endfor %}
        duration_seconds,
        {{ ratio('duration_seconds', 'gap_count') }} as interaction_gap_seconds,
        {{ ratio('scroll_sum', 'scroll_count') }} as scroll_depth_mean,
        scroll_depth_max,
        video_completion_rate
    from sessions
)

select * from final
