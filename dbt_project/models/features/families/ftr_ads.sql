{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        {{ days_between('days.event_date', 'population.as_of_date') }} as age_days,
        days.*
    from population
    inner join {{ ref('ftr_identity_ad_days') }} as days
        on days.identity_key = population.identity_key
        and days.event_date < population.as_of_date
),

summed as (
    select
        customer_key,
        as_of_date,
        {%- for days in [28, 91, 364] %}
        {{ sum_within('touch_count', days) }} as touches_{{ days }}d,
        {%- endfor %}
        {%- for days in [7, 28, 91, 364] %}
        {{ sum_within('click_count', days) }} as clicks_{{ days }}d,
        {%- endfor %}
        {{ sum_within('cost_amount', 91) }} as cost_91d,
        sum(cost_amount) as cost_amount,
        max(event_date) as last_touch_date,
        max(case when click_count > 0 then event_date end) as last_click_date
    from known
    group by customer_key, as_of_date
),

orders as (
    select * from {{ ref('ftr_customer_ad_orders') }}
),

final as (
    select
        summed.customer_key,
        summed.as_of_date,
        {%- for days in [28, 91, 364] %}
        summed.touches_{{ days }}d as ad_touches_{{ days }}d_count,
        {%- endfor %}
        {%- for days in [7, 28, 91, 364] %}
        summed.clicks_{{ days }}d as ad_clicks_{{ days }}d_count,
        {%- endfor %}
        {{ ratio('summed.clicks_91d', 'summed.touches_91d') }} as ad_click_91d_rate,
        cast(summed.cost_amount as double) as ad_cost_amount,
        cast(summed.cost_91d as double) as ad_cost_91d_amount,
        cast({{ days_between('summed.last_touch_date', 'summed.as_of_date') }} as double) as ad_touch_recency_days,
        cast({{ days_between('summed.last_click_date', 'summed.as_of_date') }} as double) as ad_click_recency_days,
        {{ ratio('orders.touch_days', 'orders.touched_count') }} as ad_touch_to_order_mean_days,
        {{ ratio('orders.touched_28d_count', 'orders.order_day_count') }} as orders_after_ad_364d_rate
    from summed
    left join orders
        on orders.customer_key = summed.customer_key
        and orders.as_of_date = summed.as_of_date
)

select * from final
