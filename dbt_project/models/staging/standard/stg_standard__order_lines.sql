with order_lines as (
    select * from {{ source('raw', 'standard__order_lines') }}
),

final as (
    select
        order_id,
        line_number,
        product_id,
        quantity,
        line_amount,
        discount_amount
    from order_lines
    where {{ is_newest_version(source('raw', 'standard__order_lines'), 'order_lines', ['order_id', 'line_number']) }}
)

select * from final
