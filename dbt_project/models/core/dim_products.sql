with products as (
    select * from {{ ref('stg_all__products') }}
),

flagged as (
    select
        *,
        lower(brand) in ({{ "'" ~ var('private_brands') | join("', '") ~ "'" }}) as is_private
    from products
),

-- A source that never names a private brand does not tell private from other brands.
telling_sources as (
    select source_system
    from flagged
    where is_private
    group by source_system
),

-- Codes are dense by name: aggregates group by integers, and ties by code are ties by name.
final as (
    select
        flagged.product_id,
        flagged.source_system,
        flagged.product_name,
        flagged.category,
        case
            when flagged.category is not null
                then dense_rank() over (order by flagged.category nulls last)
        end as category_code,
        flagged.subcategory,
        flagged.brand,
        case
            when flagged.brand is not null
                then dense_rank() over (order by flagged.brand nulls last)
        end as brand_code,
        case when telling_sources.source_system is not null then flagged.is_private end as is_private_brand,
        flagged.list_price
    from flagged
    left join telling_sources
        on telling_sources.source_system = flagged.source_system
)

select * from final
