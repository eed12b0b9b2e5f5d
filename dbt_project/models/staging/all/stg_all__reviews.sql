with final as (
    {{ union_sources('reviews', global_ids=['review_id', 'product_id']) }}
)

select * from final
