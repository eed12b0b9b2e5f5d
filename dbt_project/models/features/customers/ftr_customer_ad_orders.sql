{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

touched as (
    select distinct
        population.customer_key,
        population.as_of_date,
        ad_days.event_date
    from population
    inner join {{ ref('ftr_identity_ad_days') }} as ad_days
        on ad_days.identity_key = population.identity_key
        and ad_days.event_date < population.as_of_date
        and {{ days_between('ad_days.event_date', 'population.as_of_date') }} <= 455
),

ordered as (
    select distinct
        population.customer_key,
        population.as_of_date,
        days.order_date
    from population
    inner join {{ ref('ftr_identity_days') }} as days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
        and {{ days_between('days.order_date', 'population.as_of_date') }} <= 364
    where days.order_count > 0
),

-- Browsers are touched and people order: the two meet only where the date's map joins them.
both_sides as (
    select
        ordered.customer_key,
        ordered.as_of_date,
        ordered.order_date,
        max(touched.event_date) as touch_date
    from ordered
    left join touched
        on touched.customer_key = ordered.customer_key
        and touched.as_of_date = ordered.as_of_date
        and touched.event_date <= ordered.order_date
        and {{ days_between('touched.event_date', 'ordered.order_date') }} <= 91
    group by ordered.customer_key, ordered.as_of_date, ordered.order_date
),

final as (
    select
        customer_key,
        as_of_date,
        count(*) as order_day_count,
        count(touch_date) as touched_count,
        sum({{ days_between('touch_date', 'order_date') }}) as touch_days,
        sum(case when {{ days_between('touch_date', 'order_date') }} <= 28 then 1 else 0 end) as touched_28d_count
    from both_sides
    group by customer_key, as_of_date
    having count(touch_date) > 0
)

select * from final
