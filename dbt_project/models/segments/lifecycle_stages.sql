with features as (
    select * from {{ ref('customer_features') }}
    where as_of_date in (
        select as_of_date from {{ source('ops', 'build_dates') }}
        where purpose in ('newest', 'membership')
    )
),

-- How long this customer may stay away before it means something: their own rhythm and what it
-- usually varies by, four weeks at the least, a quarter while there is only one order.
patience as (
    select
        *,
        case
            when order_gap_mean_days is null then 91
            else greatest(28, order_gap_mean_days + 2 * coalesce(order_gap_deviation_days, order_gap_mean_days))
        end as patience_days
    from features
),

-- Exclusive: the first that applies.
final as (
    select
        customer_id,
        as_of_date,
        case
            when coalesce(order_count, 0) = 0 and known_identifiers_count = 0 then 'visitor'
            when coalesce(order_count, 0) = 0 then 'prospect'
            when recency_days > 364 or (recency_days > 91 and recency_days > 3 * patience_days) then 'lapsed'
            when recency_days > patience_days then 'at_risk'
            when tenure_days <= 91 then 'new'
            when spend_91d_to_prior_91d_ratio < 0.5 then 'cooling'
            when tenure_days > 182 and rfm_frequency_quintile >= 4 then 'loyal'
            else 'active'
        end as lifecycle_stage
    from patience
)

select * from final
