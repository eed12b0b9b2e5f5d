{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

days as (
    select * from {{ ref('ftr_identity_offer_days') }}
),

offers as (
    select * from {{ ref('ftr_identity_offers') }}
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

-- The profile that an offer went to and the account that redeemed it are one customer from the date
-- on at which they are known to be one.
offered_to as (
    select
        population.customer_key,
        population.as_of_date,
        offers.campaign_key,
        min(offers.assigned_date) as assigned_date
    from population
    inner join offers
        on offers.identity_key = population.identity_key
        and offers.assigned_date < population.as_of_date
        and {{ days_between('offers.assigned_date', 'population.as_of_date') }} <= 364
    group by population.customer_key, population.as_of_date, offers.campaign_key
),

redeemed_by as (
    select
        population.customer_key,
        population.as_of_date,
        offers.campaign_key,
        offers.redeemed_date
    from population
    inner join offers
        on offers.identity_key = population.identity_key
        and offers.redeemed_date < population.as_of_date
),

answered as (
    select
        offered_to.customer_key,
        offered_to.as_of_date,
        offered_to.assigned_date,
        min(redeemed_by.redeemed_date) as redeemed_date
    from offered_to
    left join redeemed_by
        on redeemed_by.customer_key = offered_to.customer_key
        and redeemed_by.as_of_date = offered_to.as_of_date
        and redeemed_by.campaign_key = offered_to.campaign_key
        and redeemed_by.redeemed_date >= offered_to.assigned_date
    group by
        offered_to.customer_key,
        offered_to.as_of_date,
        offered_to.campaign_key,
        offered_to.assigned_date
),

offered as (
    select
        customer_key,
        as_of_date,
        cast(count(*) as double) as offers_364d_count,
        cast(count(redeemed_date) as double) as taken_count,
        avg({{ days_between('assigned_date', 'redeemed_date') }}) as offer_to_redemption_364d_days
    from answered
    group by customer_key, as_of_date
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
