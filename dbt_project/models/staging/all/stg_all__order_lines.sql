with final as (
    {{ union_sources('order_lines', global_ids=['order_id', 'product_id']) }}
)

select * from final
