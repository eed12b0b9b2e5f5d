with targets as (
    select * from {{ source('raw', 'complete_journey__campaigns') }}
),

campaigns as (
    select * from {{ source('raw', 'complete_journey__campaign_descriptions') }} as descriptions
    where {{ is_newest_version(source('raw', 'complete_journey__campaign_descriptions'), 'descriptions', ['campaign_id']) }}
),

-- The one join of staging: the target list has no date of its own, its campaign has. Everybody on
-- the list was targeted; nobody was held out.
final as (
    select
        cast(targets.campaign_id as varchar) as campaign_id,
        cast(targets.household_id as varchar) as source_customer_id,
        cast(campaigns.start_date as timestamp) as assigned_at,
        'treatment' as arm,
        cast(null as varchar) as variant,
        false as is_randomised,
        cast(null as timestamp) as exposed_at
    from targets
    inner join campaigns
        on campaigns.campaign_id = targets.campaign_id
)

select * from final
