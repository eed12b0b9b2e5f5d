with features as (
    select * from {{ ref('customer_features') }}
    where as_of_date in (
        select as_of_date from {{ source('ops', 'build_dates') }}
        where purpose in ('newest', 'membership')
    )
),

-- Exclusive: the first that applies. The segment at_risk says the same as the stage.
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
            when tenure_days > 182 and rfm_frequency_quintile = 5 then 'loyal'
            else 'active'
        end as lifecycle_stage
    from features
)

select * from final
