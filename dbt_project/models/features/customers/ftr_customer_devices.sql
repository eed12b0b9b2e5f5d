{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

visits as (
    select
        population.customer_key,
        population.as_of_date,
        devices.device_type,
        devices.region,
        sum(devices.session_count) as session_count
    from population
    inner join {{ ref('ftr_identity_devices') }} as devices
        on devices.identity_key = population.identity_key
        and devices.event_date < population.as_of_date
        and {{ days_between('devices.event_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date, devices.device_type, devices.region
),

summed as (
    select
        customer_key,
        as_of_date,
        device_type,
        region,
        sum(session_count) over (partition by customer_key, as_of_date, device_type) as device_count,
        sum(session_count) over (partition by customer_key, as_of_date, region) as region_count,
        session_count
    from visits
),

-- Of equals, the first by name.
ranked as (
    select
        *,
        row_number() over (
            partition by customer_key, as_of_date
            order by case when device_type is null then 0 else device_count end desc, device_type nulls last
        ) as device_rank,
        row_number() over (
            partition by customer_key, as_of_date
            order by case when region is null then 0 else region_count end desc, region nulls last
        ) as region_rank
    from summed
),

final as (
    select
        customer_key,
        as_of_date,
        max(case when device_rank = 1 then device_type end) as preferred_device_type,
        max(case when region_rank = 1 then region end) as visited_region,
        {{ ratio("sum(case when device_type in (" ~ quoted(var('phone_device_types')) ~ ") then session_count else 0 end)", 'sum(session_count)') }}
            as phone_sessions_rate
    from ranked
    group by customer_key, as_of_date
)

select * from final
