with views as (
    select * from {{ ref('fct_product_views') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

products as (
    select * from {{ ref('dim_products') }}
    where category_code is not null or brand_code is not null
),

-- As with lines: what a product is is known from its last change on.
described as (
    select
        keys.identity_key,
        views.event_date,
        case when cast(products.updated_at as date) > views.event_date then cast(products.updated_at as date) end
            as described_date,
        cast(products.category_code as integer) as category_code,
        cast(products.brand_code as integer) as brand_code,
        views.view_count
    from views
    inner join keys
        on keys.identity_id = views.identity_id
    inner join products
        on products.product_id = views.product_id
),

final as (
    select
        identity_key,
        event_date,
        described_date,
        category_code,
        brand_code,
        cast(sum(view_count) as integer) as view_count
    from described
    group by identity_key, event_date, described_date, category_code, brand_code
)

-- In the order in which it is grouped, as the lines are.
select * from final
order by identity_key
