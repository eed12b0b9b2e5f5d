{{ config(materialized='view') }}

with measures as (
    select * from {{ ref('ftr_customer_web') }}
),

-- Counts that nothing was added to are zero in the mart, where the source covers the web.
final as (
    select
        customer_key,
        as_of_date,
        {%- for days in [7, 28, 91, 364] %}
        session_count_{{ days }}d as sessions_{{ days }}d_count,
        {%- endfor %}
        {%- for days in [7, 28, 91] %}
        visit_days_{{ days }}d as visit_days_{{ days }}d_count,
        page_count_{{ days }}d as pages_{{ days }}d_count,
        product_view_count_{{ days }}d as product_views_{{ days }}d_count,
        search_count_{{ days }}d as searches_{{ days }}d_count,
        cart_add_count_{{ days }}d as cart_adds_{{ days }}d_count,
        abandonment_count_{{ days }}d as abandonments_{{ days }}d_count,
        {%- endfor %}
        {%- for days in [28, 91] %}
        refinement_count_{{ days }}d as refinements_{{ days }}d_count,
        feature_use_count_{{ days }}d as feature_uses_{{ days }}d_count,
        {%- endfor %}
        cart_remove_count_91d as cart_removes_91d_count,
        abandonment_count_364d as abandonments_364d_count,
        {{ ratio('session_count_28d', 'session_count_56d - session_count_28d') }} as sessions_28d_to_prior_28d_ratio,
        {{ ratio('page_count_91d', 'session_count_91d') }} as pages_per_session_91d_ratio,
        {{ ratio('gap_seconds_91d', 'session_count_91d') }} as session_duration_91d_seconds,
        {{ ratio('gap_seconds_91d', 'gap_count_91d') }} as interaction_gap_91d_seconds,
        60 * {{ ratio('page_count_91d', 'gap_seconds_91d') }} as browsing_velocity_91d_ratio,
        {{ ratio('scroll_sum_91d', 'scroll_count_91d') }} as scroll_depth_mean_91d,
        scroll_max_91d as scroll_depth_max_91d,
        {{ ratio('video_share_91d', 'video_count_91d') }} as video_completion_91d_rate,
        {{ ratio('refinement_count_91d', 'search_count_91d') }} as refinement_91d_rate,
        {{ ratio('coalesce(abandonment_count_91d, 0)', 'cart_session_count_91d') }} as abandonment_91d_rate,
        {{ ratio('coalesce(login_session_count_91d, 0)', 'session_count_91d') }} as login_sessions_91d_rate,
        {{ ratio('coalesce(app_session_count_91d, 0)', 'session_count_91d') }} as app_sessions_91d_rate,
        cast({{ days_between('last_event_day_count_date', 'as_of_date') }} as double) as visit_recency_days,
        cast({{ days_between('last_abandonment_count_date', 'as_of_date') }} as double) as abandonment_recency_days
    from measures
)

select * from final
