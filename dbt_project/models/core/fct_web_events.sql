-- Whose browser or device an event came from is its stream. Who is logged in may change within it.
-- Few columns, since every event is sorted: what else there is to say of a visit is read from its
-- first event later.
with events as (
    select
        event_id,
        occurred_at,
        event_type,
        source_customer_id,
        product_id,
        scroll_depth,
        duration_seconds,
        {{ hash_key("source_system || coalesce('|a|' || anonymous_id, '|d|' || device_id, '|c|' || source_customer_id)") }}
            as stream_key,
        case when event_type = 'page_view' then {{ is_high_intent('page') }} else false end as is_high_intent
    from {{ ref('stg_all__web_events') }}
    where coalesce(anonymous_id, device_id, source_customer_id) is not null
),

followed as (
    select
        *,
        {{ seconds_between('lag(occurred_at) over stream', 'occurred_at') }} as gap_seconds,
        -- When the last action was a search (pages that load in between are no action): its time.
        last_value(
            case
                when event_type = 'search' then occurred_at
                when event_type <> 'page_view' then cast('1970-01-01' as timestamp)
            end ignore nulls
        ) over (
            partition by stream_key order by occurred_at nulls first, event_id nulls first rows between unbounded preceding and 1 preceding
        ) as searched_at
    from events
    window stream as (partition by stream_key order by occurred_at nulls first, event_id nulls first)
),

-- A visit ends where nothing follows for thirty minutes. Everything here looks back only, so that
-- the visits of a day are the same whatever comes later.
visits as (
    select
        *,
        cast(sum(case when gap_seconds <= {{ var('session_gap_seconds') }} then 0 else 1 end) over (
            partition by stream_key order by occurred_at nulls first, event_id nulls first rows between unbounded preceding and current row
        ) as integer) as visit_number
    from followed
),

-- The few visits in which two people log in, one after the other, are parted where the second does.
shared as (
    select stream_key, visit_number
    from visits
    group by stream_key, visit_number
    having min(source_customer_id) <> max(source_customer_id)
),

last_logins as (
    select
        visits.stream_key,
        visits.visit_number,
        visits.occurred_at,
        visits.event_id,
        visits.source_customer_id,
        last_value(visits.source_customer_id ignore nulls) over (
            partition by visits.stream_key, visits.visit_number order by visits.occurred_at nulls first, visits.event_id nulls first
            rows between unbounded preceding and 1 preceding
        ) as last_customer_id
    from visits
    inner join shared
        on shared.stream_key = visits.stream_key
        and shared.visit_number = visits.visit_number
),

logins as (
    select
        stream_key,
        event_id,
        source_customer_id <> last_customer_id as is_change,
        cast(sum(case when source_customer_id <> last_customer_id then 1 else 0 end) over (
            partition by stream_key, visit_number order by occurred_at nulls first, event_id nulls first
            rows between unbounded preceding and current row
        ) as integer) as login_number
    from last_logins
),

placed as (
    select
        visits.*,
        coalesce(logins.login_number, 0) as login_number,
        coalesce(visits.gap_seconds > {{ var('session_gap_seconds') }}, true) or coalesce(logins.is_change, false)
            as is_first
    from visits
    left join logins
        on logins.stream_key = visits.stream_key
        and logins.event_id = visits.event_id
),

final as (
    select
        stream_key,
        visit_number,
        login_number,
        case when is_first then event_id end as first_event_id,
        source_customer_id,
        occurred_at,
        event_type,
        product_id,
        is_high_intent,
        case when not is_first then gap_seconds end as gap_seconds,
        not is_first and event_type = 'search'
            and coalesce({{ seconds_between('searched_at', 'occurred_at') }} <= {{ var('session_gap_seconds') }}, false)
            as is_refinement,
        scroll_depth,
        duration_seconds
    from placed
)

select * from final
