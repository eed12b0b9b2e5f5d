with final as (
    {{ standard_rows('coupon_redemptions') }}
)

select * from final
