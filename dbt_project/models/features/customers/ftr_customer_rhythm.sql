{{ config(materialized='view') }}

with population as (
    select
        *,
        {{ days_between(week_start('as_of_date'), 'as_of_date') }} as open_week_days
    from {{ ref('ftr_population') }}
    where not is_additive
),

days as (
    select * from {{ ref('ftr_identity_days') }}
),

-- The few customers whose rhythm is no sum: an order of theirs is cancelled later, or they have
-- several identities. Their days are laid out as they were known at the date.
known as (
    select
        population.customer_key,
        population.as_of_date,
        days.order_date,
        {{ week_start('days.order_date') }} as week_start,
        {{ days_between('days.order_date', 'population.as_of_date') }} - population.open_week_days as week_age_days,
        sum(days.order_count) as order_count,
        sum(days.spend_amount) as spend_amount
    from population
    inner join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
    group by 1, 2, 3, 4, 5
),

gaps as (
    select
        customer_key,
        as_of_date,
        {{ days_between('lag(order_date) over (partition by customer_key, as_of_date order by order_date)', 'order_date') }}
            as gap_days
    from known
    where order_count > 0
),

gap_sums as (
    select
        customer_key,
        as_of_date,
        count(gap_days) as gap_count,
        sum(gap_days) as gap_sum,
        sum(gap_days * gap_days) as gap_square_sum
    from gaps
    group by customer_key, as_of_date
),

weeks as (
    select
        customer_key,
        as_of_date,
        week_start,
        max(case when order_count > 0 then 1 else 0 end) as active_week_count,
        sum(spend_amount) as spend_amount
    from known
    where week_age_days between 1 and 91
    group by customer_key, as_of_date, week_start
),

week_sums as (
    select
        customer_key,
        as_of_date,
        sum(active_week_count) as active_weeks_13w,
        sum({{ squared('spend_amount') }}) as week_square_sum
    from weeks
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
        gap_sums.gap_count,
        gap_sums.gap_sum,
        gap_sums.gap_square_sum,
        week_sums.active_weeks_13w,
        week_sums.week_square_sum
    from customers
    left join gap_sums
        on gap_sums.customer_key = customers.customer_key
        and gap_sums.as_of_date = customers.as_of_date
    left join week_sums
        on week_sums.customer_key = customers.customer_key
        and week_sums.as_of_date = customers.as_of_date
)

select * from final
