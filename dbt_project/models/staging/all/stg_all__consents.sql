with final as (
    {{ union_sources('consents', [
        'source_customer_id',
        'email',
        'phone',
        'anonymous_id',
        'purpose',
        'status',
        'recorded_at',
        'origin',
    ], global_ids=[]) }}
)

select * from final
