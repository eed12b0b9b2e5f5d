with transactions as (
    select * from {{ source('raw', 'complete_journey__transactions') }}
),

-- The files have no line number: lines are counted in file order within the basket.
final as (
    select
        cast(basket_id as varchar) as order_id,
        row_number() over (partition by basket_id order by _file, _row) as line_number,
        cast(product_id as varchar) as product_id,
        cast(quantity as double) as quantity,
        cast(sales_value as decimal(18, 4)) as line_amount,
        cast(
            coalesce(retail_disc, 0) + coalesce(coupon_disc, 0) + coalesce(coupon_match_disc, 0)
            as decimal(18, 4)
        ) as discount_amount
    from transactions
    where {{ is_newest_version(source('raw', 'complete_journey__transactions'), 'transactions', ['basket_id', 'product_id']) }}
)

select * from final
