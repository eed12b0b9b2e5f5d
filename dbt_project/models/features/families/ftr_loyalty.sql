{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

events as (
    select * from {{ ref('ftr_identity_loyalty') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        events.*,
        {{ days_between('events.event_date', 'population.as_of_date') }} as age_days
    from population
    inner join events
        on events.identity_key = population.identity_key
        and events.event_date < population.as_of_date
),

sums as (
    select
        customer_key,
        as_of_date,
        cast(1 as double) as is_loyalty_member,
        cast(max(age_days) as double) as loyalty_tenure_days,
        sum(balance_change) as loyalty_points_balance,
        {%- for days in [91, 364] %}
        sum(case when age_days <= {{ days }} and not is_redeemed then balance_change else 0 end)
            as loyalty_points_earned_{{ days }}d_count,
        sum(case when age_days <= {{ days }} and is_redeemed then -balance_change else 0 end)
            as loyalty_points_redeemed_{{ days }}d_count,
        {%- endfor %}
        cast(min(case when is_redeemed then age_days end) as double) as loyalty_redeem_recency_days,
        max(tier_rank) as last_rank
    from known
    group by customer_key, as_of_date
),

final as (
    select
        sums.*,
        tiers.tier as loyalty_tier
    from sums
    left join events as tiers
        on tiers.tier_rank = sums.last_rank
)

select * from final
