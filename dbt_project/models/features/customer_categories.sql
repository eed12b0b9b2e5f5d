with population as (
    select * from {{ ref('ftr_population') }}
    where {{ in_batch() }}
),

leaders as (
    select
        leading_categories.as_of_date,
        leading_categories.category,
        names.category_code
    from {{ ref('leading_categories') }} as leading_categories
    inner join (select distinct category_code, category from {{ ref('dim_products') }}) as names
        on names.category = leading_categories.category
),

windows as (
    select customer_key, as_of_date, orders_91d, orders_364d
    from {{ ref('ftr_customer_windows') }}
),

dealings as (
    select
        identity_key,
        category_code,
        order_date,
        cancelled_date,
        described_date,
        spend_amount,
        1 as day_count,
        0 as view_count
    from {{ ref('ftr_identity_category_days') }}
    union all
    select
        identity_key,
        category_code,
        event_date as order_date,
        cast(null as date) as cancelled_date,
        described_date,
        cast(null as double) as spend_amount,
        0 as day_count,
        view_count
    from {{ ref('ftr_identity_views') }}
    where category_code is not null
),

known as (
    select
        population.customer_key,
        population.customer_id,
        population.as_of_date,
        leaders.category,
        dealings.day_count,
        dealings.view_count,
        dealings.spend_amount,
        {{ days_between('dealings.order_date', 'population.as_of_date') }} as age_days
    from population
    inner join dealings
        on dealings.identity_key = population.identity_key
        and {{ counts_at('dealings', 'population') }}
        and {{ described_at('dealings', 'population') }}
    inner join leaders
        on leaders.as_of_date = population.as_of_date
        and leaders.category_code = dealings.category_code
),

counted as (
    select
        customer_key,
        min(customer_id) as customer_id,
        as_of_date,
        category,
        cast(min(case when day_count > 0 then age_days end) as double) as category_recency_days,
        cast(max(case when day_count > 0 then age_days end) as double) as category_tenure_days,
        cast(sum(day_count) as double) as category_order_days_count,
        {%- for days in [28, 56, 91, 182, 364] %}
        cast(coalesce({{ sum_within('day_count', days) }}, 0) as double) as category_order_days_{{ days }}d_count,
        {%- endfor %}
        coalesce(sum(spend_amount), 0) as category_spend_amount,
        coalesce({{ sum_within('spend_amount', 91) }}, 0) as category_spend_91d_amount,
        coalesce({{ sum_within('spend_amount', 364) }}, 0) as category_spend_364d_amount,
        cast(coalesce({{ sum_within('view_count', 28) }}, 0) as double) as category_views_28d_count,
        cast(coalesce({{ sum_within('view_count', 91) }}, 0) as double) as category_views_91d_count
    from known
    group by customer_key, as_of_date, category
),

final as (
    select
        counted.customer_id,
        counted.as_of_date,
        counted.category,
        counted.category_recency_days,
        counted.category_tenure_days,
        {{ ratio('counted.category_recency_days * (counted.category_order_days_count - 1)', 'counted.category_tenure_days - counted.category_recency_days') }}
            as category_recency_over_gap_ratio,
        counted.category_order_days_count,
        {%- for days in [28, 56, 91, 182, 364] %}
        counted.category_order_days_{{ days }}d_count,
        {%- endfor %}
        {{ ratio('counted.category_order_days_91d_count', 'windows.orders_91d') }} as category_order_days_91d_rate,
        {{ ratio('counted.category_order_days_364d_count', 'windows.orders_364d') }} as category_order_days_364d_rate,
        counted.category_spend_amount,
        counted.category_spend_91d_amount,
        counted.category_spend_364d_amount,
        counted.category_views_28d_count,
        counted.category_views_91d_count
    from counted
    left join windows
        on windows.customer_key = counted.customer_key
        and windows.as_of_date = counted.as_of_date
)

select * from final
