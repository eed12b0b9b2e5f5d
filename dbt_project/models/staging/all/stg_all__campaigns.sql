with final as (
    {{ union_sources('campaigns', [
        'campaign_id',
        'campaign_name',
        'channel',
        'started_at',
        'ended_at',
        'cost_amount',
        'currency',
    ], global_ids=['campaign_id']) }}
)

select * from final
