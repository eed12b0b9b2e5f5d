with lines as (
    select * from {{ ref('fct_order_lines') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

products as (
    select * from {{ ref('dim_products') }}
),

-- The one join of lines to orders and products, kept narrow: every aggregate reads it instead.
-- Quantities that are measures (fuel in millilitres, weights) would drown every count of pieces, so
-- a quantity beyond the limit or broken counts as one unit. Capping instead would still rate one
-- tank of fuel as the limit's worth of goods; a logarithm would make counts unreadable.
--
-- What a product is is known from its last change on: a line of a product that was described later
-- than it was sold has a described_date, and no category or brand before that date.
final as (
    select
        keys.identity_key,
        cast(lines.ordered_at as date) as order_date,
        cast(lines.cancelled_at as date) as cancelled_date,
        lines.is_return,
        {{ hash_key('lines.product_id') }} as product_key,
        case
            when cast(products.updated_at as date) > cast(lines.ordered_at as date)
                then cast(products.updated_at as date)
        end as described_date,
        cast(products.category_code as integer) as category_code,
        cast(products.brand_code as integer) as brand_code,
        products.is_private_brand,
        lines.line_amount,
        case
            when abs(lines.quantity) > {{ var('counted_quantity_limit') }}
                or lines.quantity <> floor(lines.quantity) then sign(lines.quantity)
            else lines.quantity
        end as unit_count
    from lines
    inner join keys
        on keys.identity_id = lines.identity_id
    left join products
        on products.product_id = lines.product_id
)

-- What is grouped by identity is read in its order: the groups in the making stay few.
select * from final
order by identity_key
