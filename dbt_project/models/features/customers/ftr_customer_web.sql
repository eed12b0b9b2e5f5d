{{ config(materialized='table_in_batches') }}

with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

days as (
    select * from {{ ref('ftr_identity_web_days') }}
),

-- One row per day, so that a day on two devices is one day.
known as (
    select
        population.customer_key,
        population.as_of_date,
        days.event_date,
        {{ days_between('days.event_date', 'population.as_of_date') }} as age_days,
        {%- for column in web_sums() %}
        sum(days.{{ column }}) as {{ column }},
        {%- endfor %}
        max(days.scroll_max) as scroll_max,
        sum(days.video_count) as video_count,
        sum(days.decayed_session_count) as decayed_session_count,
        sum(days.decayed_high_intent_count) as decayed_high_intent_count
    from population
    inner join days
        on days.identity_key = population.identity_key
        and days.event_date < population.as_of_date
    group by population.customer_key, population.as_of_date, days.event_date
),

final as (
    select
        customer_key,
        as_of_date,
        {%- for days in [7, 28, 91] %}
        cast({{ sum_within('case when event_day_count > 0 then 1 end', days) }} as double) as visit_days_{{ days }}d,
        {%- for column in ['page_count', 'product_view_count', 'search_count', 'cart_add_count', 'abandonment_count', 'high_intent_count', 'lost_checkout_count'] %}
        {{ sum_within(column, days) }} as {{ column }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        {%- for days in [7, 28, 56, 91, 364] %}
        {{ sum_within('session_count', days) }} as session_count_{{ days }}d,
        {%- endfor %}
        {%- for days in [28, 91] %}
        {%- for column in ['refinement_count', 'feature_use_count', 'checkout_count'] %}
        {{ sum_within(column, days) }} as {{ column }}_{{ days }}d,
        {%- endfor %}
        {%- endfor %}
        {%- for column in ['cart_remove_count', 'cart_session_count', 'checkout_session_count', 'login_session_count', 'app_session_count', 'gap_seconds', 'gap_count', 'scroll_sum', 'scroll_count', 'video_share', 'video_count'] %}
        {{ sum_within(column, 91) }} as {{ column }}_91d,
        {%- endfor %}
        max(case when age_days <= 91 then scroll_max end) as scroll_max_91d,
        {{ sum_within('abandonment_count', 364) }} as abandonment_count_364d,
        {%- for column in ['event_day_count', 'abandonment_count', 'high_intent_count', 'checkout_count'] %}
        max(case when {{ column }} > 0 then event_date end) as last_{{ column }}_date,
        {%- endfor %}
        sum(decayed_session_count) as decayed_session_count,
        sum(decayed_high_intent_count) as decayed_high_intent_count
    from known
    group by customer_key, as_of_date
)

select * from final
