with customers as (
    select * from {{ ref('stg_all__customers__history') }}
),

-- What each version of a customer record says of a person, and since when.
final as (
    select
        source_system,
        source_customer_id as identifier,
        cast(coalesce(updated_at, created_at) as date) as known_date,
        email,
        phone,
        first_name,
        last_name,
        birth_date,
        street,
        postal_code,
        city,
        region,
        country,
        time_zone
    from customers
    where coalesce(updated_at, created_at) is not null
)

select * from final
