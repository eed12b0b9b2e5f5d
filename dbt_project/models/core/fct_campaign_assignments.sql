with campaign_assignments as (
    select * from {{ ref('stg_all__campaign_assignments') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

final as (
    select
        campaign_assignments.campaign_id,
        identities.identity_id,
        campaign_assignments.assigned_at,
        campaign_assignments.arm,
        campaign_assignments.variant,
        campaign_assignments.is_randomised,
        campaign_assignments.exposed_at
    from campaign_assignments
    inner join identities
        on identities.source_system = campaign_assignments.source_system
        and identities.identifier = campaign_assignments.source_customer_id
)

select * from final
