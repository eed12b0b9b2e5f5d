with campaign_assignments as (
    select * from {{ source('raw', 'standard__campaign_assignments') }}
),

final as (
    select
        campaign_id,
        source_customer_id,
        assigned_at,
        arm,
        variant,
        is_randomised,
        exposed_at
    from campaign_assignments
    where {{ is_newest_version(source('raw', 'standard__campaign_assignments'), 'campaign_assignments', ['campaign_id', 'source_customer_id']) }}
)

select * from final
