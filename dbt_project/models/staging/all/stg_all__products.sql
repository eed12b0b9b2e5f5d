with final as (
    {{ union_sources('products', global_ids=['product_id']) }}
)

select * from final
