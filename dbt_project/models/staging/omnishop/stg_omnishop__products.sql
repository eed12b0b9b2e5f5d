with products as (
    select * from {{ source('raw', 'omnishop__shop_products') }}
),

-- Shopify's own taxonomy is coarser than the shop's types, so it is no level below them.
final as (
    select
        id as product_id,
        {{ text_or_null('title') }} as product_name,
        {{ text_or_null('product_type') }} as category,
        cast(null as varchar) as subcategory,
        {{ text_or_null('vendor') }} as brand,
        price as list_price,
        coalesce(published_at, created_at) as launched_at,
        updated_at
    from products
    where {{ is_newest_version(source('raw', 'omnishop__shop_products'), 'products', ['id']) }}
)

select * from final
