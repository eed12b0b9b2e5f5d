with keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
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

redemptions as (
    select distinct
        redemptions.campaign_id,
        redemptions.identity_id,
        cast(redemptions.redeemed_at as date) as redeemed_date
    from {{ ref('fct_coupon_redemptions') }} as redemptions
),

-- What a campaign offered to an identity, and what of it an identity took up. One system offers and
-- another redeems, so that which answers which is known by customer alone.
final as (
    select
        keys.identity_key,
        {{ hash_key('assignments.campaign_id') }} as campaign_key,
        assignments.assigned_date,
        cast(null as date) as redeemed_date
    from assignments
    inner join keys
        on keys.identity_id = assignments.identity_id

    union all

    select
        keys.identity_key,
        {{ hash_key('redemptions.campaign_id') }} as campaign_key,
        cast(null as date) as assigned_date,
        redemptions.redeemed_date
    from redemptions
    inner join keys
        on keys.identity_id = redemptions.identity_id
)

select * from final
order by identity_key
