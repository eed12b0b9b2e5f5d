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

cuts as (
    select
        version_date
        {%- for metric in ['recency', 'frequency', 'monetary'] %}
        {%- for quintile in range(1, 5) %},
        max(case when metric = '{{ metric }}' and quintile = {{ quintile }} then upper_bound end) as {{ metric }}_{{ quintile }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('rfm_cut_points') }}
    group by version_date
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
        {%- for metric in ['recency', 'frequency', 'monetary'] %}
        {%- for quintile in range(1, 5) %}
        cuts.{{ metric }}_{{ quintile }},
        {%- endfor %}
        {%- endfor %}
        cuts.version_date
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
    left join cuts
        on cuts.version_date = cast(date_trunc('month', windows.as_of_date) as date)
)

select * from final
