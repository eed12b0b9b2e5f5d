with final as (
    {{ union_sources('coupon_redemptions', [
        'redemption_id',
        'redeemed_at',
        'source_customer_id',
        'coupon_code',
        'campaign_id',
    ], global_ids=['redemption_id', 'campaign_id']) }}
)

select * from final
