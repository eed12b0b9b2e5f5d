with products as (
    select * from {{ source('raw', 'complete_journey__products') }}
),

-- `brand` says only National or Private; the maker tells national brands apart. The category
-- COUPON/MISC ITEMS holds fuel and unsorted goods alike: there the department says more, unless it
-- too says only that nobody sorted them, which is no category.
final as (
    select
        cast(product_id as varchar) as product_id,
        product_type as product_name,
        case
            when product_type like 'GASOLINE%' then 'FUEL'
            when product_category is null or product_category = 'COUPON/MISC ITEMS'
                then nullif(department, 'MISCELLANEOUS')
            else product_category
        end as category,
        product_type as subcategory,
        case
            when brand = 'Private' then brand
            else 'Manufacturer ' || cast(manufacturer_id as varchar)
        end as brand,
        cast(null as decimal(18, 4)) as list_price,
        cast(null as timestamp) as launched_at,
        cast(null as timestamp) as updated_at
    from products
    where {{ is_newest_version(source('raw', 'complete_journey__products'), 'products', ['product_id']) }}
)

select * from final
