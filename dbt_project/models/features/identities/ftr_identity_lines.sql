with lines as (
    select * from {{ ref('stg_all__order_lines') }}
),

orders as (
    select * from {{ ref('ftr_identity_orders') }}
),

products as (
    select
        *,
        cast(updated_at as date) as updated_date
    from {{ ref('dim_products') }}
),

-- The one join of lines to orders and products, kept narrow: every aggregate reads it instead. It is
-- what fct_order_lines is, without carrying each order's texts and times through the join.
-- Quantities that are measures (fuel in millilitres, weights) would drown every count of pieces, so
-- a quantity beyond the limit or broken counts as one unit. Capping instead would still rate one
-- tank of fuel as the limit's worth of goods; a logarithm would make counts unreadable.
--
-- What a product is is known from its last change on: a line of a product that was described later
-- than it was sold has a described_date, and no category or brand before that date.
final as (
    select
        orders.identity_key,
        orders.order_date,
        orders.cancelled_date,
        orders.is_return,
        {{ product_key('products', 'lines.product_id') }} as product_key,
        case when products.updated_date > orders.order_date then products.updated_date end as described_date,
        cast(products.category_code as integer) as category_code,
        cast(products.brand_code as integer) as brand_code,
        {{ in_reporting_currency('lines.line_amount', 'orders.exchange_rate') }} as line_amount,
        case
            when abs(lines.quantity) > {{ var('counted_quantity_limit') }}
                or lines.quantity <> floor(lines.quantity) then sign(lines.quantity)
            else lines.quantity
        end as unit_count
    from lines
    inner join orders
        on orders.order_id = lines.order_id
    left join products
        on products.product_id = lines.product_id
)

-- What is grouped by identity is read in its order: the groups in the making stay few.
select * from final
order by identity_key
