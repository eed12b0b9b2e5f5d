{{ config(materialized='view') }}

with years as (
    select
        *,
        max(oldest_days) over (partition by customer_key, as_of_date) as tenure_days
    from {{ ref('ftr_customer_seasons') }}
),

-- As many whole years as the customer has bought for, two at most: a part of a year looks like a
-- season of its own.
sums as (
    select
        customer_key,
        as_of_date,
        sum(order_count) as order_count,
        sum(spend_amount) as spend_amount,
        sum(weekend_amount) as weekend_amount
        {%- for turns in [1, 2, 4] %},
        sum(cos_{{ turns }}) as cos_{{ turns }},
        sum(sin_{{ turns }}) as sin_{{ turns }}
        {%- endfor %}
        {%- for month in range(1, 13) %},
        sum(month_{{ month }}) as month_{{ month }}
        {%- endfor %}
    from years
    where tenure_days >= 364 and (years_back = 1 or (years_back = 2 and tenure_days >= 728))
    group by customer_key, as_of_date
    having sum(order_count) >= 3
),

-- The length of the mean point: 1 is all orders on one day of the year, 0 is none preferred.
strengths as (
    select
        *,
        {%- for turns in [1, 2, 4] %}
        least(sqrt(cos_{{ turns }} * cos_{{ turns }} + sin_{{ turns }} * sin_{{ turns }}) / order_count, 1) as strength_{{ turns }},
        {%- endfor %}
        mod(cast(atan2(sin_1, cos_1) / (2 * pi()) * 365.25 + 365.25 as double), 365.25) as peak_day
    from sums
),

-- By Rayleigh's test orders that prefer no part of the year reach 3 with a probability of .05.
tested as (
    select
        *,
        order_count * strength_1 * strength_1 >= 3 as is_yearly,
        greatest(strength_1, strength_2, strength_4) as strength,
        mod(peak_day - (extract(doy from as_of_date) - 1) + 365.25, 365.25) as days_to_peak
    from strengths
),

final as (
    select
        customer_key,
        as_of_date,
        strength_1 as yearly_cycle_strength,
        strength_2 as half_year_cycle_strength,
        strength_4 as quarter_cycle_strength,
        case
            when order_count * strength * strength < 3 then null
            when strength = strength_1 then cast(365.25 as double)
            when strength = strength_2 then 182.625
            else 91.3125
        end as own_cycle_days,
        case when is_yearly then peak_day + 1 end as peak_order_day,
        -- The window is a quarter of a year about the peak.
        case
            when is_yearly and (days_to_peak <= 45.65625 or days_to_peak >= 319.59375) then 0
            when is_yearly then days_to_peak - 45.65625
        end as own_buying_window_days,
        greatest(
            {%- for month in range(1, 13) %}
            month_{{ month }} + month_{{ month % 12 + 1 }} + month_{{ (month + 1) % 12 + 1 }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) / order_count as best_three_months_rate,
        ({% for month in range(1, 13) %}month_{{ month }} * month_{{ month }}{{ ' + ' if not loop.last }}{% endfor %})
        / (order_count * order_count) as month_concentration,
        {{ ratio('weekend_amount', 'spend_amount') }} as weekend_spend_rate
    from tested
)

select * from final
