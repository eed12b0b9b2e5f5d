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
    where {{ is_newest_version(source('raw', 'standard__customers'), 'customers', ['source_customer_id']) }}
)

select * from final
