with final as (
    {{ union_sources('loyalty_events', [
        'event_id',
        'occurred_at',
        'loyalty_id',
        'event_type',
        'points',
        'tier',
    ], global_ids=['event_id']) }}
)

select * from final
