{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

offers as (
    select * from {{ ref('ftr_identity_offers') }}
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

final as (
    select
        customer_key,
        as_of_date,
        cast(count(*) as double) as offers_364d_count,
        cast(count(redeemed_date) as double) as taken_count,
        avg({{ days_between('assigned_date', 'redeemed_date') }}) as offer_to_redemption_364d_days
    from answered
    group by customer_key, as_of_date
)

select * from final
