{{ config(materialized='table_in_batches') }}
{%- set angle = '2 * pi() * (extract(doy from order_date) - 1) / 365.25' -%}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

-- A turn of the year is a circle: orders are added up as points on it. The second and fourth turn
-- find habits of half a year and of a quarter.
days as (
    select
        identity_key,
        order_date,
        cancelled_date,
        order_count,
        spend_amount,
        {{ iso_weekday('order_date') }} >= 6 as is_weekend,
        extract(month from order_date) as month_number
        {%- for turns in [1, 2, 4] %},
        order_count * cos({{ turns }} * {{ angle }}) as cos_{{ turns }},
        order_count * sin({{ turns }} * {{ angle }}) as sin_{{ turns }}
        {%- endfor %}
    from {{ ref('ftr_identity_days') }}
    where order_count > 0
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        {{ days_between('days.order_date', 'population.as_of_date') }} as age_days,
        days.*
    from population
    inner join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
),

-- Whole years: year 1 is the last 364 days, year 2 the 364 before. All of it is additive by day.
final as (
    select
        customer_key,
        as_of_date,
        case when age_days <= 364 then 1 when age_days <= 728 then 2 else 3 end as years_back,
        max(age_days) as oldest_days,
        sum(order_count) as order_count,
        sum(spend_amount) as spend_amount,
        sum(case when is_weekend then spend_amount else 0 end) as weekend_amount
        {%- for turns in [1, 2, 4] %},
        sum(cos_{{ turns }}) as cos_{{ turns }},
        sum(sin_{{ turns }}) as sin_{{ turns }}
        {%- endfor %}
        {%- for month in range(1, 13) %},
        sum(case when month_number = {{ month }} then order_count else 0 end) as month_{{ month }}
        {%- endfor %}
    from known
    group by customer_key, as_of_date, years_back
)

select * from final
