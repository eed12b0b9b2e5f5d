{%- set features = [
    'first_order_date', 'last_order_date', 'recency_days', 'tenure_days', 'order_count', 'spend_amount',
    'orders_28d_count', 'orders_91d_count', 'orders_364d_count',
    'spend_28d_amount', 'spend_91d_amount', 'spend_364d_amount', 'weekly_spend_ewma_amount',
    'average_order_91d_amount', 'order_gap_mean_days', 'recency_over_gap_ratio', 'discount_share_91d_rate',
    'coupon_orders_91d_rate', 'top_category', 'top_brand', 'preferred_weekday', 'preferred_hour',
    'rfm_recency_quintile', 'rfm_frequency_quintile', 'rfm_monetary_quintile',
] -%}
{%- set targets = [
    'churn_28d', 'churn_91d', 'purchase_7d', 'purchase_28d', 'next_order_days', 'orders_91d',
    'spend_91d', 'spend_364d', 'discount_response', 'renewal', 'upsell', 'lead_conversion_28d',
] -%}

with lifecycle as (
    select * from {{ ref('lifecycle_stages') }}
    -- The newest judged date, which a run for an older date does not move.
    where as_of_date = (select max(as_of_date) from {{ ref('lifecycle_stages') }})
),

features as (
    select * from {{ ref('customer_features') }}
),

scores as (
    select
        customer_id,
        as_of_date
        {%- for target in targets %},
        max(case when target = '{{ target }}' then score end) as {{ target }}_score,
        max(case when target = '{{ target }}' then percentile end) as {{ target }}_percentile
        {%- endfor %}
    from {{ source('models', 'customer_scores') }}
    group by customer_id, as_of_date
),

clusters as (
    select distinct
        assignments.customer_id,
        assignments.as_of_date,
        assignments.cluster_id,
        profiles.cluster_name
    from {{ source('models', 'cluster_assignments') }} as assignments
    left join {{ source('models', 'cluster_profiles') }} as profiles
        on profiles.clustering = assignments.clustering
        and profiles.cluster_id = assignments.cluster_id
        and profiles.model_version = assignments.model_version
    where assignments.clustering = 'behaviour'
),

memberships as (
    select
        customer_id,
        {{ sorted_list('segment_id') }} as segments
    from {{ ref('segment_membership') }}
    group by customer_id
),

final as (
    select
        lifecycle.customer_id,
        lifecycle.as_of_date,
        lifecycle.lifecycle_stage,
        {%- for feature in features %}
        features.{{ feature }},
        {%- endfor %}
        {%- for target in targets %}
        scores.{{ target }}_score,
        scores.{{ target }}_percentile,
        {%- endfor %}
        clusters.cluster_id,
        clusters.cluster_name,
        memberships.segments
    from lifecycle
    inner join features
        on features.customer_id = lifecycle.customer_id and features.as_of_date = lifecycle.as_of_date
    left join scores
        on scores.customer_id = lifecycle.customer_id and scores.as_of_date = lifecycle.as_of_date
    left join clusters
        on clusters.customer_id = lifecycle.customer_id and clusters.as_of_date = lifecycle.as_of_date
    left join memberships
        on memberships.customer_id = lifecycle.customer_id
)

select * from final
