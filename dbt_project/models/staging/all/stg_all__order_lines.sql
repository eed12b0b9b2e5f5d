with final as (
    {{ union_sources('order_lines', [
        'order_id',
        'line_number',
        'product_id',
        'quantity',
        'line_amount',
        'discount_amount',
    ], global_ids=['order_id', 'product_id']) }}
)

select * from final
