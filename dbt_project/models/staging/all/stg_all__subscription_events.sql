with final as (
    {{ union_sources('subscription_events', [
        'subscription_id',
        'occurred_at',
        'event_type',
        'plan',
        'monthly_amount',
        'next_renewal_at',
    ], global_ids=['subscription_id']) }}
)

select * from final
