with dates as (
    select distinct as_of_date from {{ source('ops', 'build_dates') }}
),

identities as (
    select * from {{ ref('ftr_identities') }}
),

valid as (
    select
        dates.as_of_date,
        identities.customer_key,
        identities.identity_key,
        identities.is_anonymous
    from dates
    inner join identities
        on identities.valid_from < dates.as_of_date
        and (identities.valid_to is null or identities.valid_to >= dates.as_of_date)
),

visitors as (
    select as_of_date, customer_key
    from valid
    group by as_of_date, customer_key
    having sum(case when is_anonymous then 0 else 1 end) = 0
),

traces as (
    select identity_key, event_date from {{ ref('ftr_identity_web_days') }}
    union all
    select identity_key, event_date from {{ ref('ftr_identity_ad_days') }}
),

active as (
    select distinct valid.as_of_date, valid.customer_key
    from valid
    inner join traces
        on traces.identity_key = valid.identity_key
        and traces.event_date < valid.as_of_date
        and {{ days_between('traces.event_date', 'valid.as_of_date') }} <= {{ var('visitor_quiet_days') }}
    where valid.is_anonymous
),

-- People seen only anonymously, of whom nothing was seen for long: they leave the mart.
final as (
    select
        visitors.as_of_date,
        visitors.customer_key
    from visitors
    left join active
        on active.as_of_date = visitors.as_of_date
        and active.customer_key = visitors.customer_key
    where active.customer_key is null
)

select * from final
