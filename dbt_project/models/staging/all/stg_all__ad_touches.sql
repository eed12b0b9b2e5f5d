with final as (
    {{ union_sources('ad_touches', [
        'touch_id',
        'occurred_at',
        'platform',
        'touch_type',
        'campaign_id',
        'anonymous_id',
        'cost_amount',
        'currency',
    ], global_ids=['touch_id', 'campaign_id']) }}
)

select * from final
