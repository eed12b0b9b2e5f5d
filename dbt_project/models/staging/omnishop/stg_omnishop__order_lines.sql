with orders as (
    select * from {{ source('raw', 'omnishop__shop_orders') }} as orders
    where {{ is_newest_version(source('raw', 'omnishop__shop_orders'), 'orders', ['id']) }}
),

no_orders as (
    select orders.id from orders
    where {{ is_no_order('orders') }}
),

items as (
    select * from {{ source('raw', 'omnishop__shop_order_lines') }} as items
    where {{ is_newest_version(source('raw', 'omnishop__shop_order_lines'), 'items', ['id']) }}
        and order_id not in (select no_orders.id from no_orders)
),

refunds as (
    select * from {{ source('raw', 'omnishop__shop_refunds') }} as refunds
    where {{ is_newest_version(source('raw', 'omnishop__shop_refunds'), 'refunds', ['id']) }}
),

-- The return that stg_omnishop__orders makes of the refunds of one moment.
returns as (
    select
        order_id,
        created_at,
        'refund:' || min(id) as return_id
    from refunds
    group by order_id, created_at
),

-- Positions repeat in real exports, ids do not.
bought as (
    select
        order_id,
        row_number() over (partition by order_id order by position, id) as line_number,
        product_id,
        cast(quantity as double) as quantity,
        cast(quantity * price as decimal(18, 4)) - coalesce(total_discount, 0) as line_amount,
        total_discount as discount_amount
    from items
),

-- A refund without its item is in the order's amount only: nobody knows what came back.
returned as (
    select
        returns.return_id as order_id,
        row_number() over (partition by returns.return_id order by refunds.id) as line_number,
        items.product_id,
        -abs(cast(refunds.quantity as double)) as quantity,
        cast(-abs(refunds.subtotal) as decimal(18, 4)) as line_amount,
        cast(null as decimal(18, 4)) as discount_amount
    from refunds
    inner join returns
        on returns.order_id = refunds.order_id
        and returns.created_at = refunds.created_at
    inner join items
        on items.id = refunds.line_item_id
        and items.order_id = refunds.order_id
),

lines as (
    select * from bought
    union all
    select * from returned
),

final as (
    select
        order_id,
        cast(line_number as bigint) as line_number,
        product_id,
        quantity,
        cast(line_amount as decimal(18, 4)) as line_amount,
        discount_amount
    from lines
)

select * from final
