{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

orders as (
    select
        identity_id,
        order_date,
        cast(cancelled_at as date) as cancelled_date,
        extract(hour from ordered_at) as order_hour,
        count(*) as order_count
    from {{ ref('fct_orders') }}
    where not is_return
    group by 1, 2, 3, 4
),

hours as (
    select
        population.customer_id,
        population.as_of_date,
        orders.order_hour,
        sum(orders.order_count) as order_count
    from population
    inner join orders
        on orders.identity_id = population.identity_id
        and {{ counts_at('orders', 'population') }}
        and {{ days_between('orders.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_id, population.as_of_date, orders.order_hour
),

final as (
    select
        customer_id,
        as_of_date,
        {{ best_code('max(' ~ ranked_code('order_count', 'order_hour') ~ ')') }} as preferred_hour
    from hours
    group by customer_id, as_of_date
)

select * from final
