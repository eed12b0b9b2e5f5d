with final as (
    {{ union_sources('campaign_assignments', [
        'campaign_id',
        'source_customer_id',
        'assigned_at',
        'arm',
        'variant',
        'is_randomised',
        'exposed_at',
    ], global_ids=['campaign_id']) }}
)

select * from final
