with keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

redemptions as (
    select * from {{ ref('fct_coupon_redemptions') }}
),

-- Offers a customer was to get: a control group gets none.
assignments as (
    select
        assignments.campaign_id,
        assignments.identity_id,
        min(cast(assignments.assigned_at as date)) as assigned_date
    from {{ ref('fct_campaign_assignments') }} as assignments
    where assignments.arm = 'treatment'
    group by assignments.campaign_id, assignments.identity_id
),

-- One row per offer, with the day it was first taken up.
final as (
    select
        keys.identity_key,
        assignments.assigned_date,
        min(cast(redemptions.redeemed_at as date)) as redeemed_date
    from assignments
    inner join keys
        on keys.identity_id = assignments.identity_id
    left join redemptions
        on redemptions.identity_id = assignments.identity_id
        and redemptions.campaign_id = assignments.campaign_id
        and cast(redemptions.redeemed_at as date) >= assignments.assigned_date
    group by keys.identity_key, assignments.campaign_id, assignments.assigned_date
)

select * from final
order by identity_key
