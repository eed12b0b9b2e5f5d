with final as (
    {{ union_sources('reviews', [
        'review_id',
        'created_at',
        'kind',
        'source_customer_id',
        'product_id',
        'rating',
        'body',
    ], global_ids=['review_id', 'product_id']) }}
)

select * from final
