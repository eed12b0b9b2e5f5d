with final as (
    {{ union_sources('subscriptions', [
        'subscription_id',
        'source_customer_id',
        'started_at',
        'plan',
        'monthly_amount',
        'currency',
    ], global_ids=['subscription_id']) }}
)

select * from final
