with final as (
    {{ union_sources('orders', [
        'order_id',
        'source_customer_id',
        'ordered_at',
        'order_amount',
        'original_order_id',
        'discount_amount',
        'currency',
        'channel',
        'store_id',
        'coupon_code',
        'campaign_id',
        'cancelled_at',
    ], global_ids=['order_id', 'original_order_id', 'campaign_id']) }}
)

select * from final
