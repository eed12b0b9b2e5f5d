with described as (
    select * from {{ ref('stg_all__products') }}
),

-- A bucket of what nobody sorted is no category: what lies in it has nothing in common.
products as (
    select
        product_id,
        source_system,
        product_name,
        subcategory,
        brand,
        list_price,
        launched_at,
        updated_at,
        case
            when lower(trim(category)) not in ({{ "'" ~ var('bucket_categories') | join("', '") ~ "'" }}) then category
        end as category
    from described
),

-- Codes are dense by name: aggregates group by integers, and ties by code are ties by name.
final as (
    select
        product_id,
        row_number() over (order by product_id) as product_code,
        source_system,
        product_name,
        category,
        case
            when category is not null
                then dense_rank() over (order by category nulls last)
        end as category_code,
        subcategory,
        brand,
        case
            when brand is not null
                then dense_rank() over (order by brand nulls last)
        end as brand_code,
        lower(brand) in ({{ "'" ~ var('private_brands') | join("', '") ~ "'" }}) as is_private_brand,
        list_price,
        launched_at,
        updated_at
    from products
)

select * from final
