with campaigns as (
    select * from {{ source('raw', 'standard__campaigns') }}
),

final as (
    select
        campaign_id,
        campaign_name,
        channel,
        started_at,
        ended_at,
        cost_amount,
        currency
    from campaigns
    where {{ is_newest_version(source('raw', 'standard__campaigns'), 'campaigns', ['campaign_id']) }}
)

select * from final
