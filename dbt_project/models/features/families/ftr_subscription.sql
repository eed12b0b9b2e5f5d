{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

states as (
    select * from {{ ref('ftr_identity_subscriptions') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        states.*,
        {{ days_between('states.event_date', 'population.as_of_date') }} as age_days,
        (states.next_event_date is null or states.next_event_date >= population.as_of_date)
        and not states.is_cancelled as is_active
    from population
    inner join states
        on states.identity_key = population.identity_key
        and states.event_date < population.as_of_date
),

sums as (
    select
        customer_key,
        as_of_date,
        cast(count(case when is_active then 1 end) as double) as active_subscriptions_count,
        cast(sum(case when is_active then monthly_amount else 0 end) as double) as subscription_monthly_amount,
        cast({{ days_between('min(case when is_active then started_date end)', 'as_of_date') }} as double)
            as subscription_tenure_days,
        cast({{ days_between('as_of_date', 'min(case when is_active then next_renewal_date end)') }} as double)
            as subscription_renewal_days,
        cast(count(case when event_type = 'renewed' then 1 end) as double) as subscription_renewals_count,
        cast(count(case when event_type = 'payment_failed' and age_days <= 91 then 1 end) as double)
            as subscription_failures_91d_count,
        cast(min(case when event_type = 'payment_failed' then age_days end) as double)
            as subscription_failure_recency_days,
        cast(count(case when price_step > 0 then 1 end) as double) as subscription_upgrades_count,
        cast(count(case when price_step < 0 then 1 end) as double) as subscription_downgrades_count,
        cast(count(case when event_type = 'cancelled' then 1 end) as double) as subscription_cancellations_count,
        cast(min(case when event_type = 'cancelled' then age_days end) as double) as subscription_cancel_recency_days,
        max(case when is_active then amount_rank end) as largest_rank
    from known
    group by customer_key, as_of_date
),

-- Of several plans the dearest.
final as (
    select
        sums.*,
        plans.plan as subscription_plan
    from sums
    left join states as plans
        on plans.amount_rank = sums.largest_rank
)

select * from final
