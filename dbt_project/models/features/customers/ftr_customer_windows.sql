{{ config(materialized='view') }}

with population as (
    select
        *,
        {{ days_between(week_start('as_of_date'), 'as_of_date') }} as open_week_days
    from {{ ref('ftr_population') }}
),

days as (
    select *, {{ iso_weekday('order_date') }} as weekday
    from {{ ref('ftr_identity_days') }}
),

known as (
    select
        population.customer_key,
        population.as_of_date,
        population.is_additive,
        population.source_first_order_date,
        population.source_first_line_date,
        population.source_first_category_date,
        {{ days_between('days.order_date', 'population.as_of_date') }} as age_days,
        {{ days_between('days.order_date', 'population.as_of_date') }} - population.open_week_days as week_age_days,
        days.*
    from population
    left join days
        on days.identity_key = population.identity_key
        and {{ counts_at('days', 'population') }}
),

-- Everything that is a sum over days, in one pass; in narrow types, since the table is wide. Weeks
-- are the 13 complete calendar weeks.
final as (
    select
        customer_key,
        as_of_date,
        min(cast(is_additive as integer)) as is_additive,
        min(source_first_order_date) as source_first_order_date,
        min(source_first_line_date) as source_first_line_date,
        min(source_first_category_date) as source_first_category_date,
        min(case when order_count > 0 then order_date end) as first_order_date,
        max(case when order_count > 0 then order_date end) as last_order_date,
        cast(sum(order_count) as integer) as order_count,
        cast(sum(spend_amount) as decimal(18, 4)) as spend_amount,
        {%- for days in feature_windows() %}
        cast(coalesce({{ sum_within('order_count', days) }}, 0) as integer) as orders_{{ days }}d,
        cast(coalesce({{ sum_within('spend_amount', days) }}, 0) as decimal(18, 4)) as spend_{{ days }}d,
        {{ sum_within('unit_count', days) }} as units_{{ days }}d,
        cast({{ sum_within('line_count', days) }} as integer) as lines_{{ days }}d,
        {%- endfor %}
        cast({{ sum_within('discount_amount', 91) }} as decimal(18, 4)) as discount_91d,
        cast({{ sum_within('coupon_order_count', 91) }} as integer) as coupon_orders_91d,
        cast({{ sum_within('return_count', 364) }} as integer) as returns_364d,
        cast({{ sum_within('case when weekday >= 6 then order_count end', 364) }} as integer) as weekend_orders_364d,
        {%- for weekday in range(1, 8) %}
        cast({{ sum_within('case when weekday = ' ~ weekday ~ ' then order_count end', 364) }} as integer) as weekday_{{ weekday }}_364d,
        {%- endfor %}
        cast(sum(case when age_days > 364 and age_days <= 392 then order_count end) as integer) as orders_28d_last_year,
        cast(sum(case when age_days > 364 and age_days <= 392 then spend_amount end) as decimal(18, 4)) as spend_28d_last_year,
        cast(sum(case when age_days > 364 and age_days <= 455 then spend_amount end) as decimal(18, 4)) as spend_91d_last_year,
        cast(sum(case when age_days > 336 and age_days <= 364 then spend_amount end) as decimal(18, 4)) as spend_next_28d_last_year,
        sum(decayed_amount) as decayed_amount,
        count(gap_days) as gap_count,
        sum(gap_days) as gap_sum,
        sum(gap_square) as gap_square_sum,
        cast(sum(case when week_age_days between 1 and 91 then active_week_count end) as integer) as active_weeks_13w,
        cast(sum(case when week_age_days between 1 and 91 then spend_amount end) as decimal(18, 4)) as spend_13w,
        sum(case when week_age_days between 1 and 91 then week_square end) as week_square_sum
    from known
    group by customer_key, as_of_date
)

select * from final
