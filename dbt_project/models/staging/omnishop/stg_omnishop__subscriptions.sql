with subscriptions as (
    select * from {{ source('raw', 'omnishop__billing_subscriptions') }}
),

-- As they began: the first version. What became of them later are events. One that is booked for
-- a day to come starts then; one that is dated back is known only from when it was made.
final as (
    select
        id as subscription_id,
        'billing:' || customer as source_customer_id,
        greatest(created, cast(start_date as timestamp)) as started_at,
        plan,
        amount as monthly_amount,
        upper({{ text_or_null('currency') }}) as currency
    from subscriptions
    where _version = 1
)

select * from final
