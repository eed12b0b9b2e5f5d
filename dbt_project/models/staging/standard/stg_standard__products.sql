with products as (
    select * from {{ source('raw', 'standard__products') }}
),

final as (
    select
        product_id,
        product_name,
        category,
        subcategory,
        brand,
        list_price,
        launched_at,
        updated_at
    from products
    where {{ is_newest_version(source('raw', 'standard__products'), 'products', ['product_id']) }}
)

select * from final
