with final as (
    {{ union_sources('orders', global_ids=['order_id', 'original_order_id', 'campaign_id']) }}
)

select * from final
