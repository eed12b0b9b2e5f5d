{{ config(materialized='view') }}

with population as (
    select * from {{ ref('ftr_population') }}
),

firsts as (
    select * from {{ ref('ftr_identity_firsts') }}
),

lines as (
    select * from {{ ref('ftr_identity_lines') }}
    where not is_return
),

aged_firsts as (
    select
        population.customer_key,
        population.as_of_date,
        {{ days_between('firsts.order_date', 'population.as_of_date') }} as age_days,
        {{ days_between('firsts.order_date', 'population.as_of_date') }} + firsts.gap_days as previous_age_days,
        firsts.product_count
    from population
    inner join firsts
        on firsts.identity_key = population.identity_key
        and firsts.order_date < population.as_of_date
    where population.is_additive
),

summed as (
    select
        customer_key,
        as_of_date,
        {%- for days in feature_windows() %}
        {%- set is_first = 'coalesce(previous_age_days, 9999) > ' ~ days %}
        cast({{ sum_within('case when ' ~ is_first ~ ' then product_count end', days) }} as integer) as product_{{ days }}d,
        {%- endfor %}
        count(*) as row_count
    from aged_firsts
    where age_days <= 364
    group by customer_key, as_of_date
),

-- Where the sum does not hold (see ftr_customer_rhythm): count the products.
aged_lines as (
    select
        population.customer_key,
        population.as_of_date,
        {{ days_between('lines.order_date', 'population.as_of_date') }} as age_days,
        lines.product_key
    from population
    inner join lines
        on lines.identity_key = population.identity_key
        and {{ counts_at('lines', 'population') }}
    where not population.is_additive
),

counted as (
    select
        customer_key,
        as_of_date,
        {%- for days in feature_windows() %}
        count(distinct case when age_days <= {{ days }} then product_key end) as product_{{ days }}d,
        {%- endfor %}
        count(*) as row_count
    from aged_lines
    where age_days <= 364
    group by customer_key, as_of_date
),

final as (
    select * from summed
    union all
    select * from counted
)

select * from final
