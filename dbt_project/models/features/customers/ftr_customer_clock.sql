{{ config(materialized='view') }}

with population as (
    select * from {{ ref('ftr_population') }}
),

orders as (
    select * from {{ ref('ftr_identity_orders') }}
    where not is_return
),

hours as (
    select
        population.customer_key,
        population.as_of_date,
        orders.order_hour,
        count(*) as order_count
    from population
    inner join orders
        on orders.identity_key = population.identity_key
        and {{ counts_at('orders', 'population') }}
        and {{ days_between('orders.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date, orders.order_hour
),

final as (
    select
        customer_key,
        as_of_date,
        {{ best_code('max(' ~ ranked_code('order_count', 'order_hour') ~ ')') }} as preferred_hour
    from hours
    group by customer_key, as_of_date
)

select * from final
