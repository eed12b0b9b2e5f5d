{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

days as (
    select * from {{ ref('ftr_identity_arrivals') }}
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

summed as (
    select
        customer_key,
        as_of_date,
        {%- for days in [91, 364] %}
        {%- for column in arrival_sums() %}
        {{ sum_within(column, days) }} as {{ column }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        count(*) as day_count
    from known
    where age_days <= 364
    group by customer_key, as_of_date
),

final as (
    select
        customer_key,
        as_of_date,
        {{ ratio('new_line_count_91d', 'line_count_91d') }} as new_arrival_lines_91d_rate,
        {{ ratio('new_line_count_364d', 'line_count_364d') }} as new_arrival_lines_364d_rate,
        {{ ratio('new_view_count_91d', 'view_count_91d') }} as new_arrival_views_91d_rate,
        {{ ratio('first_line_days_364d', 'first_line_count_364d') }} as launch_to_purchase_364d_mean_days,
        {{ ratio('first_view_days_364d', 'first_view_count_364d') }} as launch_to_view_364d_mean_days
    from summed
)

select * from final
