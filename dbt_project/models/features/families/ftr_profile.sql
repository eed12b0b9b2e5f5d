{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

identities as (
    select identity_key, is_anonymous, min(valid_from) as first_date
    from {{ ref('ftr_identities') }}
    group by identity_key, is_anonymous
),

people as (
    select
        population.customer_key,
        population.as_of_date,
        cast(sum(case when identities.is_anonymous then 0 else 1 end) as double) as known_identifiers_count,
        cast(sum(case when identities.is_anonymous then 1 else 0 end) as double) as browsers_count,
        min(case when not identities.is_anonymous then identities.first_date end) as known_date
    from population
    inner join identities
        on identities.identity_key = population.identity_key
    group by population.customer_key, population.as_of_date
),

records as (
    select
        population.customer_key,
        population.as_of_date,
        profiles.region,
        profiles.country,
        profiles.time_zone,
        row_number() over (
            partition by population.customer_key, population.as_of_date
            order by profiles.known_date desc, profiles.turn desc, population.identity_key asc
        ) as recency
    from population
    inner join {{ ref('ftr_identity_profiles') }} as profiles
        on profiles.identity_key = population.identity_key
        and profiles.known_date < population.as_of_date
),

devices as (
    select * from {{ ref('ftr_customer_devices') }}
),

-- Where the person's own record names no region, the one that most visits came from.
final as (
    select
        people.customer_key,
        people.as_of_date,
        people.known_identifiers_count,
        people.browsers_count,
        cast({{ days_between('people.known_date', 'people.as_of_date') }} as double) as known_days,
        coalesce(records.region, devices.visited_region) as region,
        records.country,
        records.time_zone,
        devices.preferred_device_type,
        devices.phone_sessions_rate as phone_sessions_364d_rate
    from people
    left join records
        on records.customer_key = people.customer_key
        and records.as_of_date = people.as_of_date
        and records.recency = 1
    left join devices
        on devices.customer_key = people.customer_key
        and devices.as_of_date = people.as_of_date
)

select * from final
