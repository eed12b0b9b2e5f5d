with final as (
    {{ union_sources('erasure_requests', [
        'request_id',
        'requested_at',
        'source_customer_id',
        'email',
        'phone',
    ], global_ids=['request_id']) }}
)

select * from final
