{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

clicks as (
    select * from {{ ref('ftr_identity_messages') }}
    where clicked_date is not null
),

days as (
    select * from {{ ref('ftr_identity_offer_days') }}
),

clicked as (
    select distinct
        population.customer_key,
        population.as_of_date,
        clicks.clicked_date
    from population
    inner join clicks
        on clicks.identity_key = population.identity_key
        and clicks.clicked_date < population.as_of_date
        and {{ days_between('clicks.clicked_date', 'population.as_of_date') }} <= 98
),

-- Not additive: the address that clicks and the account that orders may be one customer only from
-- some date on. So it is looked up by customer, for 91 days, and only for who clicked.
followed as (
    select
        population.customer_key,
        population.as_of_date,
        days.discounted_count,
        days.discounted_count + days.full_price_count as order_count,
        min({{ days_between('clicked.clicked_date', 'days.order_date') }}) as click_days
    from population
    inner join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
        and {{ days_between('days.order_date', 'population.as_of_date') }} <= 91
    inner join clicked
        on clicked.customer_key = population.customer_key
        and clicked.as_of_date = population.as_of_date
        and {{ days_between('clicked.clicked_date', 'days.order_date') }} between 0 and 7
    group by
        population.customer_key,
        population.as_of_date,
        days.identity_key,
        days.order_date,
        days.cancelled_date,
        days.discounted_count,
        days.full_price_count
),

final as (
    select
        customer_key,
        as_of_date,
        sum(order_count) as orders_after_click_91d_count,
        sum(discounted_count) as discounted_orders_after_click_91d_count,
        {{ ratio('sum(click_days * order_count)', 'sum(order_count)') }} as click_to_order_91d_days
    from followed
    group by customer_key, as_of_date
)

select * from final
