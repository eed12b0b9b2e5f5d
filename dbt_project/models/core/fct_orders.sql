with orders as (
    select * from {{ ref('stg_all__orders') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

rates as (
    select * from {{ reporting_rates() }}
),

priced as (
    select
        orders.*,
        identities.identity_id,
        rates.reporting_currency,
        rates.source_currency,
        rates.rate as exchange_rate
    from orders
    inner join identities
        on identities.source_system = orders.source_system
        and identities.identifier = orders.source_customer_id
    left join rates
        on {{ rate_in_force('rates', 'orders.currency', 'orders.ordered_at') }}
),

final as (
    select
        order_id,
        identity_id,
        source_system,
        ordered_at,
        cast(ordered_at as date) as order_date,
        {{ in_reporting_currency('order_amount') }} as order_amount,
        {{ in_reporting_currency('discount_amount') }} as discount_amount,
        reporting_currency as currency,
        order_amount as source_order_amount,
        source_currency,
        cast(exchange_rate as double) as exchange_rate,
        order_amount < 0 or original_order_id is not null as is_return,
        original_order_id,
        channel,
        store_id,
        coupon_code,
        campaign_id,
        coupon_code is not null as has_coupon,
        cancelled_at
    from priced
)

select * from final
