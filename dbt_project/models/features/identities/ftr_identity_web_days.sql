-- Counts are doubles, which are exact for whole numbers and the fastest to sum.
with days as (
    select * from {{ ref('fct_web_session_days') }}
),

sessions as (
    select * from {{ ref('fct_web_sessions') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

-- What happened on a day counts on that day, and a visit on the day it begins; how a visit ended
-- counts on the day on which that is known.
visits as (
    select
        identity_id,
        event_date,
        case when is_first_day then 1 end as session_count,
        case when is_first_day and has_login then 1 end as login_session_count,
        case when is_first_day and lower(device_type) in ({{ quoted(var('app_device_types')) }}) then 1 end as app_session_count,
        {%- for column in web_event_sums() %}
        {{ column }},
        {%- endfor %}
        1 as event_day_count,
        scroll_max,
        cast(null as integer) as cart_session_count,
        cast(null as integer) as abandonment_count,
        cast(null as integer) as checkout_session_count,
        cast(null as integer) as lost_checkout_count
    from days
    union all
    select
        identity_id,
        cast(over_at as date) as event_date,
        null as session_count,
        null as login_session_count,
        null as app_session_count,
        {%- for column in web_event_sums() %}
        null as {{ column }},
        {%- endfor %}
        null as event_day_count,
        null as scroll_max,
        case when cart_add_count > 0 then 1 end as cart_session_count,
        case when abandoned_at is not null then 1 end as abandonment_count,
        case when checkout_count > 0 then 1 end as checkout_session_count,
        case when checkout_count > 0 and not has_purchase then 1 end as lost_checkout_count
    from sessions
    where cart_add_count > 0 or checkout_count > 0
),

final as (
    select
        keys.identity_key,
        visits.event_date,
        {%- for column in web_sums() %}
        cast(sum(visits.{{ column }}) as double) as {{ column }},
        {%- endfor %}
        max(visits.scroll_max) as scroll_max,
        count(visits.video_share) as video_count,
        cast(sum(visits.session_count) as double) * power(2, {{ decay_exponent('visits.event_date') }}) as decayed_session_count,
        cast(sum(visits.high_intent_count) as double) * power(2, {{ decay_exponent('visits.event_date') }}) as decayed_high_intent_count
    from visits
    inner join keys
        on keys.identity_id = visits.identity_id
    group by keys.identity_key, visits.event_date
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
