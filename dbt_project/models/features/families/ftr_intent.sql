{{ config(materialized='view') }}

with measures as (
    select * from {{ ref('ftr_customer_web') }}
),

customers as (
    select * from {{ ref('ftr_customers') }}
),

final as (
    select
        measures.customer_key,
        measures.as_of_date,
        {%- for days in [7, 28, 91] %}
        measures.high_intent_count_{{ days }}d as high_intent_pages_{{ days }}d_count,
        measures.lost_checkout_count_{{ days }}d as lost_checkouts_{{ days }}d_count,
        {%- endfor %}
        {%- for days in [28, 91] %}
        measures.checkout_count_{{ days }}d as checkouts_{{ days }}d_count,
        {%- endfor %}
        {{ ratio('coalesce(measures.lost_checkout_count_91d, 0)', 'measures.checkout_session_count_91d') }} as lost_checkout_91d_rate,
        {{ ratio('measures.high_intent_count_91d', 'measures.page_count_91d') }} as high_intent_pages_91d_rate,
        measures.decayed_high_intent_count * {{ weekly_decay('measures.as_of_date', 'customers.intent_first_date') }}
            as weekly_high_intent_pages_ewma_count,
        measures.decayed_session_count * {{ weekly_decay('measures.as_of_date', 'customers.intent_first_date') }}
            as weekly_sessions_ewma_count,
        cast({{ days_between('measures.last_high_intent_count_date', 'measures.as_of_date') }} as double) as high_intent_recency_days,
        cast({{ days_between('measures.last_checkout_count_date', 'measures.as_of_date') }} as double) as checkout_recency_days
    from measures
    inner join customers
        on customers.customer_key = measures.customer_key
        and customers.as_of_date = measures.as_of_date
)

select * from final
