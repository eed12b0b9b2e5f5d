with customers as (
    select * from {{ ref('stg_all__customers__history') }}
),

keys as (
    select distinct identity_id, identity_key
    from {{ ref('ftr_identities') }}
),

identities as (
    select * from {{ identifiers() }}
    where identifier_type = 'source_customer_id'
),

final as (
    select
        keys.identity_key,
        cast(coalesce(customers.updated_at, customers.created_at) as date) as known_date,
        customers.region,
        customers.country,
        customers.time_zone,
        row_number() over (
            partition by keys.identity_key
            order by
                coalesce(customers.updated_at, customers.created_at),
                customers.region nulls first, customers.country nulls first, customers.time_zone nulls first
        ) as turn
    from customers
    inner join identities
        on identities.source_system = customers.source_system
        and identities.identifier = customers.source_customer_id
    inner join keys
        on keys.identity_id = identities.identity_id
    where coalesce(customers.updated_at, customers.created_at) is not null
        and coalesce(customers.region, customers.country, customers.time_zone) is not null
)

select * from final
