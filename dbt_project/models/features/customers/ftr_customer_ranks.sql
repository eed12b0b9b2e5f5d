{{ config(materialized='table') }}

with population as (
    select * from {{ ref('ftr_population') }}
),

days as (
    select * from {{ ref('ftr_identity_days') }}
),

-- Everybody who has ordered by the date, as the date knows them; a table, since a rank needs all
-- customers and the mart is built in batches of some.
customers as (
    select
        population.customer_key,
        population.as_of_date,
        min(case when days.order_count > 0 then {{ days_between('days.order_date', 'population.as_of_date') }} end)
            as recency,
        max(case when days.order_count > 0 then {{ days_between('days.order_date', 'population.as_of_date') }} end)
            as tenure,
        count(distinct case when days.order_count > 0 then days.order_date end) as day_count,
        sum(case when {{ days_between('days.order_date', 'population.as_of_date') }} <= 364 then days.order_count else 0 end)
            as frequency,
        sum(case when {{ days_between('days.order_date', 'population.as_of_date') }} <= 364 then days.spend_amount else 0 end)
            as monetary,
        sum(case when {{ days_between('days.order_date', 'population.as_of_date') }} <= 91 then days.spend_amount end) as spend_91d,
        sum(case when {{ days_between('days.order_date', 'population.as_of_date') }} between 92 and 182 then days.spend_amount end) as prior_spend_91d,
        {{ ratio(
            sum_within('days.discount_amount', 91, age=days_between('days.order_date', 'population.as_of_date')),
            sum_within('days.spend_amount + days.discount_amount', 91, age=days_between('days.order_date', 'population.as_of_date'))
        ) }} as discount_share
    from population
    inner join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
    group by population.customer_key, population.as_of_date
),

-- The gap of the shop is the mean of its customers' own mean gaps; as decimals, so that the sum
-- does not depend on order.
final as (
    select
        customer_key,
        as_of_date,
        {{ mid_rank('-recency') }} as recency_rank,
        {{ mid_rank('frequency') }} as frequency_rank,
        {{ mid_rank('monetary') }} as monetary_rank,
        {{ ratio(
            'sum(case when day_count > 1 then cast((tenure - recency) / (day_count - 1.0) as decimal(18, 4)) end) over (partition by as_of_date)',
            'sum(case when day_count > 1 then 1 else 0 end) over (partition by as_of_date)'
        ) }} as shop_gap_days,
        {{ ratio('sum(spend_91d) over (partition by as_of_date)', 'sum(prior_spend_91d) over (partition by as_of_date)') }}
            as shop_trend_ratio,
        case when discount_share is not null then
                {{ mid_rank('discount_share', 'as_of_date, discount_share is null') }}
            end as discount_share_rank
    from customers
    where recency is not null
)

select * from final
