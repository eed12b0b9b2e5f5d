with identities as (
    select * from {{ customer_identities() }}
    where valid_to is null
),

identifiers as (
    select identity_id, known_at from {{ identifiers() }}
),

customers as (
    select * from {{ ref('stg_all__customers') }}
),

first_orders as (
    select identity_id, min(ordered_at) as first_ordered_at
    from {{ ref('fct_orders') }}
    where not is_return
    group by identity_id
),

described as (
    select
        identities.customer_id,
        identities.identity_id,
        identities.source_system,
        coalesce(customers.created_at, identifiers.known_at) as created_at,
        customers.region,
        customers.country,
        customers.time_zone,
        first_orders.first_ordered_at,
        customers.attributes,
        row_number() over (
            partition by identities.customer_id
            order by identifiers.known_at, identities.identity_id
        ) as age_rank
    from identities
    inner join identifiers
        on identifiers.identity_id = identities.identity_id
    left join customers
        on customers.source_system = identities.source_system
        and customers.source_customer_id = identities.identifier
        and identities.identifier_type = 'source_customer_id'
    left join first_orders
        on first_orders.identity_id = identities.identity_id
),

merged as (
    select
        customer_id,
        min(created_at) as created_at,
        min(first_ordered_at) as first_ordered_at
    from described
    group by customer_id
),

-- A customer of several identities is described by the oldest.
final as (
    select
        described.customer_id,
        described.identity_id,
        described.source_system,
        merged.created_at,
        described.region,
        described.country,
        described.time_zone,
        merged.first_ordered_at,
        described.attributes
    from described
    inner join merged
        on merged.customer_id = described.customer_id
    where described.age_rank = 1
)

select * from final
