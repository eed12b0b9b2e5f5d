with events as (
    select
        stream_key,
        visit_number,
        login_number,
        cast(occurred_at as date) as event_date,
        product_id
    from {{ ref('fct_web_events') }}
    where event_type = 'product_view' and product_id is not null
),

days as (
    select
        stream_key,
        visit_number,
        login_number,
        event_date,
        identity_id,
        source_system
    from {{ ref('fct_web_session_days') }}
),

final as (
    select
        days.identity_id,
        days.source_system,
        events.event_date,
        events.product_id,
        cast(count(*) as integer) as view_count
    from events
    inner join days
        on days.stream_key = events.stream_key
        and days.visit_number = events.visit_number
        and days.login_number = events.login_number
        and days.event_date = events.event_date
    group by days.identity_id, days.source_system, events.event_date, events.product_id
)

select * from final
