with days as (
    select * from {{ ref('fct_web_session_days') }}
    where is_first_day
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

final as (
    select
        keys.identity_key,
        days.event_date,
        lower(days.device_type) as device_type,
        days.region,
        cast(count(*) as integer) as session_count
    from days
    inner join keys
        on keys.identity_id = days.identity_id
    group by keys.identity_key, days.event_date, lower(days.device_type), days.region
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
