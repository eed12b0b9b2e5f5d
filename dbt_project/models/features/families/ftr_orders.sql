{{ config(materialized='view') }}

with measures as (
    select * from {{ ref('ftr_customer_measures') }}
),

final as (
    select
        customer_key,
        as_of_date,
        cast(recency_days as double) as recency_days,
        cast({{ days_between('first_order_date', 'as_of_date') }} as double) as tenure_days,
        {{ known_from('source_first_order_date', days_between('source_first_order_date', 'as_of_date')) }} as order_history_days,
        first_order_date,
        last_order_date,
        {{ known_from('source_first_order_date', 'order_count') }} as order_count,
        {{ known_from('source_first_order_date', 'spend_amount') }} as spend_amount,
        {%- for days in feature_windows() %}
        {{ known_from('source_first_order_date', 'orders_' ~ days ~ 'd') }} as orders_{{ days }}d_count,
        {{ known_from('source_first_order_date', 'spend_' ~ days ~ 'd') }} as spend_{{ days }}d_amount,
        {{ known_from('source_first_line_date', 'units_' ~ days ~ 'd') }} as units_{{ days }}d_count,
        {{ known_from('source_first_line_date', 'lines_' ~ days ~ 'd') }} as lines_{{ days }}d_count,
        {{ known_from('source_first_line_date', 'product_' ~ days ~ 'd') }} as distinct_products_{{ days }}d_count,
        {{ known_from('source_first_category_date', 'category_' ~ days ~ 'd') }} as distinct_categories_{{ days }}d_count,
        {%- endfor %}
        {{ ratio('orders_28d', 'orders_56d - orders_28d') }} as orders_28d_to_prior_28d_ratio,
        {{ ratio('spend_28d', 'spend_56d - spend_28d') }} as spend_28d_to_prior_28d_ratio,
        {{ ratio('spend_91d', 'spend_182d - spend_91d') }} as spend_91d_to_prior_91d_ratio,
        {{ ratio(ratio('spend_91d', 'spend_182d - spend_91d'), 'shop_trend_ratio') }} as spend_91d_trend_to_shop_ratio,
        {{ ratio('known_gap_sum', 'known_gap_count') }} as order_gap_mean_days,
        {{ deviation('known_gap_count', 'known_gap_sum', 'known_gap_square_sum') }} as order_gap_deviation_days,
        recency_days * {{ ratio('known_gap_count', 'known_gap_sum') }} as recency_over_gap_ratio,
        {{ known_from('source_first_order_date', 'known_active_weeks_13w') }} as active_weeks_13w_count,
        {{ variation('spend_13w', 'known_week_square_sum', 13) }} as weekly_spend_variation,
        {{ known_from('source_first_order_date', 'decayed_amount * ' ~ weekly_decay('as_of_date', 'source_first_order_date')) }} as weekly_spend_ewma_amount,
        {{ ratio('spend_91d', 'orders_91d') }} as average_order_91d_amount,
        {{ ratio('spend_364d', 'orders_364d') }} as average_order_364d_amount,
        {{ known_from('source_first_order_date', 'returns_364d') }} as returns_364d_count,
        {{ ratio('discount_91d', 'spend_91d + discount_91d') }} as discount_share_91d_rate,
        discount_share_rank,
        {{ ratio('coupon_orders_91d', 'orders_91d') }} as coupon_orders_91d_rate,
        top_category,
        top_category_share as top_category_share_364d_rate,
        category_entropy as category_entropy_364d,
        top_brand,
        top_brand_share as top_brand_share_364d_rate,
        private_brand_share as private_brand_share_364d_rate,
        {{ ratio('coalesce(weekend_orders_364d, 0)', 'orders_364d') }} as weekend_orders_364d_rate,
        cast(preferred_hour as double) as preferred_hour,
        {{ preferred_weekday() }} as preferred_weekday,
        {{ known_from('source_first_order_date', 'orders_28d_last_year', 392) }} as orders_28d_last_year_count,
        {{ known_from('source_first_order_date', 'spend_28d_last_year', 392) }} as spend_28d_last_year_amount,
        {{ known_from('source_first_order_date', 'spend_91d_last_year', 455) }} as spend_91d_last_year_amount,
        {{ known_from('source_first_order_date', 'spend_next_28d_last_year', 364) }} as spend_next_28d_last_year_amount,
        case when last_order_date is not null then
                {{ patience(
                    ratio('known_gap_sum', 'known_gap_count'),
                    deviation('known_gap_count', 'known_gap_sum', 'known_gap_square_sum'),
                    'shop_gap_days'
                ) }}
            end as patience_days,
        {%- for metric in ['recency', 'frequency', 'monetary'] %}
        {{ metric }}_rank as rfm_{{ metric }}_rank,
        {{ quintile(metric ~ '_rank') }} as rfm_{{ metric }}_quintile{{ ',' if not loop.last }}
        {%- endfor %}
    from measures
)

select * from final
