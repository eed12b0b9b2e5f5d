with customers as (
    select * from {{ source('raw', 'standard__customers') }}
),

final as (
    select
        source_customer_id,
        created_at,
        updated_at,
        account_id,
        email,
        phone,
        loyalty_id,
        login_id,
        first_name,
        last_name,
        birth_date,
        street,
        postal_code,
        city,
        region,
        country,
        time_zone,
        attributes
    from customers
)

select * from final
