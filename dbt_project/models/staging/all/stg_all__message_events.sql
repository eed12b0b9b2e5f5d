with final as (
    {{ union_sources('message_events', [
        'event_id',
        'occurred_at',
        'channel',
        'event_type',
        'message_id',
        'campaign_id',
        'variant',
        'source_customer_id',
        'email',
        'phone',
        'subject',
    ], global_ids=['event_id', 'message_id', 'campaign_id']) }}
)

select * from final
