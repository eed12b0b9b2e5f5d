with order_lines as (
    select * from {{ ref('stg_all__order_lines') }}
),

orders as (
    select * from {{ ref('fct_orders') }}
),

final as (
    select
        order_lines.order_id,
        order_lines.line_number,
        orders.identity_id,
        orders.ordered_at,
        order_lines.product_id,
        order_lines.quantity,
        {{ in_reporting_currency('order_lines.line_amount', 'orders.exchange_rate') }} as line_amount,
        {{ in_reporting_currency('order_lines.discount_amount', 'orders.exchange_rate') }} as discount_amount,
        orders.is_return,
        orders.cancelled_at
    from order_lines
    inner join orders
        on orders.order_id = order_lines.order_id
)

select * from final
