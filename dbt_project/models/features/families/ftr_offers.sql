{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

days as (
    select * from {{ ref('ftr_identity_offer_days') }}
),

offered as (
    select * from {{ ref('ftr_customer_offers') }}
),

clicks as (
    select * from {{ ref('ftr_customer_clicks') }}
),

bought as (
    select
        population.customer_key,
        population.as_of_date,
        {%- for days in [91, 364] %}
        {{ sum_within('days.redemption_count', days, age=days_between('days.order_date', 'population.as_of_date')) }}
            as coupon_redemptions_{{ days }}d_count,
        {%- endfor %}
        sum(days.discounted_count) as discounted_count,
        sum(days.full_price_count) as full_price_count,
        cast(sum(days.discounted_amount) as double) as discounted_amount,
        cast(sum(days.full_price_amount) as double) as full_price_amount
    from population
    inner join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
        and {{ days_between('days.order_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date
),

customers as (
    select distinct customer_key, as_of_date
    from population
),

final as (
    select
        customers.customer_key,
        customers.as_of_date,
        bought.coupon_redemptions_91d_count,
        bought.coupon_redemptions_364d_count,
        offered.offers_364d_count,
        {{ ratio('offered.taken_count', 'offered.offers_364d_count') }} as offer_redemption_364d_rate,
        offered.offer_to_redemption_364d_days,
        bought.discounted_amount as discounted_spend_364d_amount,
        bought.full_price_amount as full_price_spend_364d_amount,
        {{ ratio('bought.discounted_amount', 'bought.discounted_amount + bought.full_price_amount') }}
            as discounted_spend_364d_rate,
        {{ ratio(
            ratio('bought.discounted_amount', 'bought.discounted_count'),
            ratio('bought.full_price_amount', 'bought.full_price_count')
        ) }} as discounted_to_full_order_364d_ratio,
        clicks.orders_after_click_91d_count,
        clicks.discounted_orders_after_click_91d_count,
        clicks.click_to_order_91d_days
    from customers
    left join bought
        on bought.customer_key = customers.customer_key
        and bought.as_of_date = customers.as_of_date
    left join offered
        on offered.customer_key = customers.customer_key
        and offered.as_of_date = customers.as_of_date
    left join clicks
        on clicks.customer_key = customers.customer_key
        and clicks.as_of_date = customers.as_of_date
)

select * from final
