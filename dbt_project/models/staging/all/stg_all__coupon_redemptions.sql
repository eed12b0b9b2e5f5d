with final as (
    {{ union_sources('coupon_redemptions', global_ids=['redemption_id', 'campaign_id']) }}
)

select * from final
