with campaigns as (
    select * from {{ ref('stg_all__campaigns') }}
),

final as (
    select
        campaign_id,
        source_system,
        campaign_name,
        channel,
        started_at,
        ended_at,
        cost_amount,
        currency
    from campaigns
)

select * from final
