{{ config(materialized='view') }}

with windows as (
    select * from {{ ref('ftr_customer_windows') }}
),

rhythm as (
    select * from {{ ref('ftr_customer_rhythm') }}
),

variety as (
    select * from {{ ref('ftr_customer_variety') }}
),

categories as (
    select * from {{ ref('ftr_customer_categories') }}
),

brands as (
    select * from {{ ref('ftr_customer_brands') }}
),

clock as (
    select * from {{ ref('ftr_customer_clock') }}
),

ranks as (
    select * from {{ ref('ftr_customer_ranks') }}
),

-- Where the customer's rhythm is no sum over days, it has a row of its own in `rhythm`.
final as (
    select
        windows.*,
        {{ days_between('windows.last_order_date', 'windows.as_of_date') }} as recency_days,
        {%- for measure in ['gap_count', 'gap_sum', 'gap_square_sum', 'active_weeks_13w', 'week_square_sum'] %}
        case when windows.is_additive = 1 then windows.{{ measure }} else rhythm.{{ measure }} end as known_{{ measure }},
        {%- endfor %}
        {%- for days in feature_windows() %}
        variety.product_{{ days }}d,
        categories.category_{{ days }}d,
        {%- endfor %}
        categories.top_category,
        categories.top_category_share,
        categories.category_entropy,
        brands.top_brand,
        brands.top_brand_share,
        brands.private_brand_share,
        clock.preferred_hour,
        ranks.recency_rank,
        ranks.frequency_rank,
        ranks.monetary_rank,
        ranks.discount_share_rank,
        ranks.shop_gap_days,
        ranks.shop_trend_ratio
    from windows
    left join rhythm
        on rhythm.customer_key = windows.customer_key and rhythm.as_of_date = windows.as_of_date
    left join variety
        on variety.customer_key = windows.customer_key and variety.as_of_date = windows.as_of_date
    left join categories
        on categories.customer_key = windows.customer_key and categories.as_of_date = windows.as_of_date
    left join brands
        on brands.customer_key = windows.customer_key and brands.as_of_date = windows.as_of_date
    left join clock
        on clock.customer_key = windows.customer_key and clock.as_of_date = windows.as_of_date
    left join ranks
        on ranks.customer_key = windows.customer_key and ranks.as_of_date = windows.as_of_date
)

select * from final
