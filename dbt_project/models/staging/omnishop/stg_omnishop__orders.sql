with orders as (
    select * from {{ source('raw', 'omnishop__shop_orders') }} as orders
    where {{ is_newest_version(source('raw', 'omnishop__shop_orders'), 'orders', ['id']) }}
        and not {{ is_no_order('orders') }}
),

refund_rows as (
    select * from {{ source('raw', 'omnishop__shop_refunds') }} as refunds
    where {{ is_newest_version(source('raw', 'omnishop__shop_refunds'), 'refunds', ['id']) }}
),

-- Codes are entered in any case.
discount_codes as (
    select
        upper(trim(code)) as code,
        min(campaign_id) as campaign_id
    from {{ source('raw', 'omnishop__shop_discount_codes') }} as codes
    where {{ is_newest_version(source('raw', 'omnishop__shop_discount_codes'), 'codes', ['code']) }}
    group by upper(trim(code))
),

-- Items that go back at one moment are one return.
refunds as (
    select
        order_id,
        created_at,
        min(id) as id,
        sum(abs(subtotal)) as refund_amount
    from refund_rows
    group by order_id, created_at
),

placed as (
    select
        orders.id as order_id,
        {{ buyer_of('orders') }} as source_customer_id,
        orders.created_at as ordered_at,
        -- What the items came to; taxes and shipping are nobody's spending on the shop's goods.
        coalesce(orders.subtotal_price, orders.total_price) as order_amount,
        cast(null as varchar) as original_order_id,
        orders.total_discounts as discount_amount,
        upper(trim(orders.currency)) as currency,
        coalesce({{ in_our_words('orders.source_name', omnishop_words('order_channel')) }}, orders.source_name) as channel,
        {{ text_or_null('orders.location_id') }} as store_id,
        upper({{ text_or_null('orders.discount_code') }}) as coupon_code,
        discount_codes.campaign_id,
        orders.cancelled_at
    from orders
    left join discount_codes
        on discount_codes.code = upper(trim(orders.discount_code))
),

-- A cancelled order takes its refunds with it: from then on neither counts.
returned as (
    select
        'refund:' || refunds.id as order_id,
        placed.source_customer_id,
        refunds.created_at as ordered_at,
        cast(-refunds.refund_amount as decimal(18, 4)) as order_amount,
        placed.order_id as original_order_id,
        cast(null as decimal(18, 4)) as discount_amount,
        placed.currency,
        placed.channel,
        placed.store_id,
        cast(null as varchar) as coupon_code,
        cast(null as varchar) as campaign_id,
        placed.cancelled_at
    from refunds
    inner join placed
        on placed.order_id = refunds.order_id
),

final as (
    select * from placed
    union all
    select * from returned
)

select * from final
