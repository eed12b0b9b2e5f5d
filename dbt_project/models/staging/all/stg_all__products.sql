with final as (
    {{ union_sources('products', [
        'product_id',
        'product_name',
        'category',
        'subcategory',
        'brand',
        'list_price',
        'launched_at',
        'updated_at',
    ], global_ids=['product_id']) }}
)

select * from final
