with campaigns as (
    select * from {{ source('raw', 'complete_journey__campaign_descriptions') }}
),

final as (
    select
        cast(campaign_id as varchar) as campaign_id,
        'Campaign ' || cast(campaign_id as varchar) || ' (' || campaign_type || ')' as campaign_name,
        'mail' as channel,
        cast(start_date as timestamp) as started_at,
        cast(end_date as timestamp) as ended_at,
        cast(null as decimal(18, 4)) as cost_amount,
        cast(null as varchar) as currency
    from campaigns
    where {{ is_newest_version(source('raw', 'complete_journey__campaign_descriptions'), 'campaigns', ['campaign_id']) }}
)

select * from final
